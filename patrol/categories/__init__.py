"""What cases are about: a tree of categories, which the installation changes and extends."""
