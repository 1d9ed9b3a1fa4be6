"""Delta LSTM and delta GRU layers for PyTorch."""
