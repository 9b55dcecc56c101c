"""What the original package lets programs configure."""

__all__ = ["object_exists_waiter_config"]

# How util.upload_object() waits for what it has uploaded: with a Delay (seconds) it does.
object_exists_waiter_config = {"Delay": 0, "MaxAttempts": 5}
