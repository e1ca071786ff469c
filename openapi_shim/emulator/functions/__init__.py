"""Cloud functions: found in a folder, each run in a worker process of its own."""
