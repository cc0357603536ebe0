"""Random inspection (双随机、一公开): a lottery that anyone can verify says who inspects what."""
