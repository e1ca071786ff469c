"""Many photos at once: a folder with worker processes, or a prefix in S3 through a queue."""
