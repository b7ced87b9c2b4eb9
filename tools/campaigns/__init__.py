"""Campaigns against the program: `kill` ends it with SIGKILL at random moments, `flip` gives it
damaged files. docs/robustness.md says what they check."""
