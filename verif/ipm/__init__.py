"""What the environments of the input module's units share."""
