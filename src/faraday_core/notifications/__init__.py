"""What people are told in the product itself, and by what a deployment plugs in."""
