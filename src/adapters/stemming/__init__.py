"""What words have in common that are forms of one."""
