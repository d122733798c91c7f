"""The rules of docs/entitlements.md once more, and histories that hold the service to them."""
