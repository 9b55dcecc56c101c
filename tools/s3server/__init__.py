"""Real S3 servers on loopback for trying out and for tests: what tools/s3-server runs."""
