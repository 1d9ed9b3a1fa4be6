"""Frontend for ONNX: a chain of LSTM and GRU, the choice of the last step, then Gemm (MatMul, Add) and Relu.

What is followed is the one value that runs from the graph's input to its output, with a letter for each of
its axes. An operator that does something else to it is refused by name. LSTM and GRU become delta layers with
thresholds 0. The file has no checksum, so a bit that changed in a weight is not seen.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx import NodeProto, TensorProto, helper, numpy_helper

from reneta.compiler.errors import CompileError
from reneta.compiler.frontends.layers import recurrent_of_onnx, with_bias, with_relu
from reneta.compiler.network import Layer, Linear, Network
from reneta.golden.arrays import F64, Array

KNOWN = "LSTM, GRU, Gemm, MatMul, Add, Relu, and what chooses the last step"
_BROKEN = (
    DecodeError,
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    OverflowError,
    MemoryError,
)
_PASSING = ("Expand", "Slice", "Identity", "Unsqueeze", "Squeeze", "Reshape", "Tile", "Cast")
"""What zeros stay zeros in."""


def from_onnx(path: Path) -> Network:
    """The network in a file.

    Raises:
        CompileError: it is damaged, or an operator in it is not supported.
    """
    try:
        return _Graph(onnx.load(path, load_external_data=False)).network()
    except CompileError as error:
        raise CompileError(f"{path}: {error}") from None
    except _BROKEN:
        raise CompileError(f"{path}: damaged, or no ONNX file") from None


@dataclass(frozen=True)
class _Value:
    """The value that runs through the graph, at some place.

    Attributes:
        axes: T steps, B batch, D directions, L layers, N elements, 1 an axis of length 1.
        layers: layers that it has gone through.
        last: whether it is of the last step only.
    """

    axes: str
    layers: int = 0
    last: bool = False

    def without(self, axis: int) -> str:
        """The axes without this one."""
        return self.axes[:axis] + self.axes[axis + 1 :]


class _Graph:
    """Follows the value from node to node."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self.graph = model.graph
        self.constants = {tensor.name: _array(tensor) for tensor in self.graph.initializer}
        self.values: dict[str, _Value] = {}
        # Results that only constants and shapes decide, and whether they are nothing but zeros.
        self.computed: dict[str, bool] = {}
        self.layers: list[Layer] = []
        inputs = [entry for entry in self.graph.input if entry.name not in self.constants]
        if len(inputs) != 1 or len(self.graph.output) < 1:
            raise CompileError(f"the graph has {len(inputs)} inputs; a network with one is needed")
        rank = len(inputs[0].type.tensor_type.shape.dim)
        if rank not in (2, 3):
            raise CompileError(f"the input has {rank} axes; needed are 3 (steps, batch, features), or 2")
        # Which of the first two are the steps is known when an LSTM or GRU takes them.
        self.values[inputs[0].name] = _Value("TBN" if rank == 3 else "TN")

    def network(self) -> Network:
        """All layers.

        Raises:
            CompileError: something is not supported.
        """
        for node in self.graph.node:
            self._follow(node)
        output = self.graph.output[0].name
        found = self.values.get(output)
        if found is None or found.layers != len(self.layers):
            raise CompileError(f"the output {output} is not what the last layer gives")
        return Network(tuple(self.layers))

    def _follow(self, node: NodeProto) -> None:
        taken = [self.values[name] for name in node.input if name in self.values]
        if node.op_type == "Constant":
            self.constants[node.output[0]] = _array(helper.get_node_attr_value(node, "value"))
            return
        if node.op_type == "Shape" or not taken:
            zeros = self._makes_zeros(node)
            self.computed |= dict.fromkeys(node.output, zeros)
            return
        if len(taken) > 1 and node.op_type != "Concat":
            raise CompileError(f"{_name(node)}: {node.op_type} of two computed values is not supported")
        given: _Value
        match node.op_type:
            case "LSTM" | "GRU":
                self._recurrent(node, taken[0])
                return
            case "Gemm" | "MatMul":
                given = self._linear(node, taken[0])
            case "Add" | "Relu":
                given = self._behind_linear(node, taken[0])
            case "Transpose":
                given = self._transpose(node, taken[0])
            case "Squeeze" | "Unsqueeze":
                given = self._axes(node, taken[0])
            case "Gather":
                given = self._gather(node, taken[0])
            case "Concat":
                given = self._concat(node, taken)
            case "Identity" | "Dropout":
                given = taken[0]
            case _:
                raise CompileError(f"{_name(node)}: {node.op_type} is not supported; known: {KNOWN}")
        self.values[node.output[0]] = given

    def _makes_zeros(self, node: NodeProto) -> bool:
        if node.op_type == "ConstantOfShape":
            fill = _attributes(node).get("value")
            return fill is None or not _array(fill).any()
        return node.op_type in _PASSING and self._is_zero(node.input[0])

    def _is_zero(self, name: str) -> bool:
        return not self.constants[name].any() if name in self.constants else self.computed.get(name, False)

    def _constant(self, node: NodeProto, number: int) -> F64 | None:
        """An operand that must be constant; None where it is left out."""
        if len(node.input) <= number or not node.input[number]:
            return None
        if node.input[number] not in self.constants:
            raise CompileError(f"{_name(node)}: its operand {node.input[number]} is not constant")
        return self.constants[node.input[number]].astype(np.float64)

    def _needed(self, node: NodeProto, number: int) -> F64:
        found = self._constant(node, number)
        if found is None:
            raise CompileError(f"{_name(node)}: an operand is missing")
        return found

    def _recurrent(self, node: NodeProto, value: _Value) -> None:
        name, attributes = _name(node), _attributes(node)
        self._check_chain(node, value)
        known = {"hidden_size", "linear_before_reset"} if node.op_type == "GRU" else {"hidden_size"}
        for key, found in attributes.items():
            if key not in known and (key, found) not in (
                ("direction", b"forward"),
                ("layout", 0),
                ("input_forget", 0),
            ):
                raise CompileError(f"{name}: {node.op_type} with {key} is not supported")
        if node.op_type == "GRU" and attributes.get("linear_before_reset") != 1:
            raise CompileError(f"{name}: GRU without linear_before_reset is not supported")
        steps_first = value.axes in ("TBN", "T1N") or (not self.layers and value.axes in ("BTN", "1TN"))
        if value.last or not steps_first:
            raise CompileError(f"{name}: its input must be all steps, [steps, batch, elements]")
        for position, state in ((4, "sequence_lens"), (5, "initial_h"), (6, "initial_c"), (7, "P")):
            given = len(node.input) > position and node.input[position]
            if given and not (state.startswith("initial") and self._is_zero(node.input[position])):
                raise CompileError(
                    f"{name}: {state} is not supported{' but for zeros' * (position in (5, 6))}"
                )
        w, r, b = self._needed(node, 1), self._needed(node, 2), self._constant(node, 3)
        self.layers.append(recurrent_of_onnx(name, node.op_type, w, r, b))
        outputs = (_Value("TDBN", len(self.layers)), _Value("DBN", len(self.layers), last=True))
        self.values |= {key: found for key, found in zip(node.output, outputs, strict=False) if key}

    def _linear(self, node: NodeProto, value: _Value) -> _Value:
        self._check_chain(node, value)
        if not value.last:
            raise CompileError(f"{_name(node)}: {node.op_type} is supported for the last step's h only")
        if node.input[0] not in self.values:
            raise CompileError(f"{_name(node)}: {node.op_type} with the constant first is not supported")
        attributes = {"alpha": 1.0, "beta": 1.0, "transA": 0, "transB": 0} | _attributes(node)
        if attributes["alpha"] != 1 or attributes["beta"] != 1 or attributes["transA"]:
            raise CompileError(f"{_name(node)}: Gemm with alpha, beta or transA is not supported")
        weight = self._needed(node, 1)
        if weight.ndim != 2:
            raise CompileError(f"{_name(node)}: its weights have {weight.ndim} axes, not 2")
        weight = weight if attributes["transB"] else weight.T
        bias = self._constant(node, 2) if node.op_type == "Gemm" else None
        self.layers.append(
            Linear(_name(node), weight, np.zeros(len(weight)) if bias is None else bias.reshape(-1))
        )
        return _Value(value.axes, len(self.layers), last=True)

    def _behind_linear(self, node: NodeProto, value: _Value) -> _Value:
        self._check_chain(node, value)
        layer = self.layers[-1] if self.layers else None
        if node.op_type == "Relu":
            self.layers[-1:] = [with_relu(layer, _name(node))]
        else:
            number = 0 if node.input[1] in self.values else 1
            self.layers[-1:] = [with_bias(layer, _name(node), self._needed(node, number))]
        return value

    def _transpose(self, node: NodeProto, value: _Value) -> _Value:
        order = _attributes(node).get("perm", list(range(len(value.axes)))[::-1])
        return _Value("".join(value.axes[axis] for axis in order), value.layers, value.last)

    def _axes(self, node: NodeProto, value: _Value) -> _Value:
        """Squeeze of axes that have one element, Unsqueeze."""
        found = _attributes(node).get("axes") or self._needed(node, 1)
        axes = [int(axis) for axis in np.reshape(found, -1)]
        if len(axes) != 1:
            raise CompileError(f"{_name(node)}: {node.op_type} of several axes is not supported")
        if node.op_type == "Unsqueeze":
            place = axes[0] % (len(value.axes) + 1)
            return _Value(value.axes[:place] + "1" + value.axes[place:], value.layers, value.last)
        place = axes[0] % len(value.axes)
        if value.axes[place] not in "DB1":
            raise CompileError(f"{_name(node)}: Squeeze of this axis is not supported")
        return _Value(value.without(place), value.layers, value.last)

    def _gather(self, node: NodeProto, value: _Value) -> _Value:
        """The last step of all, or the last of several layers; the one direction."""
        axis = int(_attributes(node).get("axis", 0)) % len(value.axes)
        index = self._needed(node, 1)
        letter, wanted = value.axes[axis], {"T": (-1,), "D": (0, -1), "L": (-1,)}
        if index.size != 1 or int(index.reshape(-1)[0]) not in wanted.get(letter, ()) or not value.layers:
            raise CompileError(f"{_name(node)}: Gather is supported for the last step (index -1) only")
        kept = "1" * index.ndim
        axes = value.axes[:axis] + kept + value.axes[axis + 1 :]
        return _Value(axes, value.layers, value.last or letter == "T")

    def _concat(self, node: NodeProto, taken: list[_Value]) -> _Value:
        """The last states of all layers, of which PyTorch makes h_n."""
        numbers = [value.layers for value in taken]
        states = all(value.axes == "DBN" and value.last for value in taken) and len(taken) == len(node.input)
        if not states or numbers != sorted(numbers) or _attributes(node).get("axis") != 0:
            raise CompileError(f"{_name(node)}: Concat is supported for the last states of all layers only")
        return _Value("LBN", numbers[-1], last=True)

    def _check_chain(self, node: NodeProto, value: _Value) -> None:
        if value.layers != len(self.layers):
            raise CompileError(
                f"{_name(node)}: {node.op_type} of something else than the last layer's result"
            )


def _name(node: NodeProto) -> str:
    """The node's name, or that of its output."""
    return str(node.name or node.output[0]).strip("/").replace("/", ".")


def _attributes(node: NodeProto) -> dict[str, Any]:
    return {entry.name: helper.get_attribute_value(entry) for entry in node.attribute}


def _array(tensor: TensorProto) -> Array:
    """A constant.

    Raises:
        CompileError: it lies in another file.
    """
    if tensor.data_location == TensorProto.EXTERNAL:
        raise CompileError(f"{tensor.name} lies in another file; save the model with all its data")
    return np.asarray(numpy_helper.to_array(tensor))
