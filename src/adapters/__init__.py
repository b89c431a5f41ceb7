"""What stands between the school and the world. `compose` alone knows which is which."""
