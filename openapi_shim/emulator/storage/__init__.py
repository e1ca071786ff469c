"""Cloud storage: files on disk behind fileIDs, signed uploads and temporary URLs."""
