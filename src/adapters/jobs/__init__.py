"""What runs by itself: who hears of which event, and what is done again and again."""
