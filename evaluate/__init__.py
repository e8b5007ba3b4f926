"""Measures, published tables and the scripts over an exported model."""
