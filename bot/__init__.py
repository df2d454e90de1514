"""The outside world and the wiring: Matrix, mail, scheduler, configuration, command line."""
