"""Suspected changes (疑似图斑): each becomes a case for somebody to look at, and gets a verdict."""
