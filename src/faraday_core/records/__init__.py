"""What is kept for a person's own sake: who read what of theirs, what was corrected, what they or
their guardian agreed to."""
