"""Delta LSTM and delta GRU layers for PyTorch."""

from reneta.training.layers.delta_rnn import DeltaGRU, DeltaLSTM, DeltaState
from reneta.training.layers.statistics import Statistics

__all__ = ["DeltaGRU", "DeltaLSTM", "DeltaState", "Statistics"]
