"""The machines that the driver can work with: golden model, simulated RTL, hardware (docs/driver.md)."""
