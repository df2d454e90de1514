"""The trusted Matrix edge: decrypted events in, actions out; nothing else of the bot speaks Matrix."""
