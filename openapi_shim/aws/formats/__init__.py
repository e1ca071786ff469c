"""One file for each kind of sender: recognize, translate in, translate out."""
