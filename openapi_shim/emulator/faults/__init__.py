"""Faults on wish: what production does now and then, to be met at the desk."""
