"""pyuvm environments for the RTL modules, one folder for each, and the layer that they share."""
