"""The trusted Matrix edge: decrypted events in, actions out; matrix-nio is used nowhere else."""
