"""Changes to what a saved model says: values, types, shapes, places, keys, numbers of things.

An edit is drawn from a seed, changes the document or the arrays of a file in place, and says what
it did.  Whoever applies it makes the digest right afterwards.
"""

import copy
import math
import struct

import numpy as np

HUGE = (10**12, 2**31, 2**63, -(2**63), 10**30)
ODD_NUMBERS = (0, 1, -1, 2, 7, *HUGE, 0.5, -1.5, 1e308, -1e308, 5e-324)
ODD_VALUES = (
    None, True, False, "", "x", "../../etc/passwd", "/dev/zero", "\ud800", "é" * 50, [], {}, [[]],
    {"@": "float", "value": "nan"}, {"@": "float", "value": "inf"},
    {"@": "tuple", "items": []}, {"@": "dict", "items": []}, {"@": "type", "value": "object"},
    {"@": "ufunc", "value": "sqrt"}, {"@": "slice", "items": [0, 10**9, 1]},
)  # fmt: skip

#: Kinds of values that are no objects of a class.
PLAIN = (None, "tuple", "dict", "array", "float", "scalar", "slice", "dtype", "type", "rows")


def edited(document, arrays, rng):
    """One to three edits of copies of a document and of arrays by name.

    Returns
    -------
    document, arrays, list of str
    """
    document, arrays, said = copy.deepcopy(document), dict(arrays), []
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if arrays and rng.random() < 0.35:
            said.append(_edit_arrays(arrays, rng))
        else:
            said.append(_edit_document(document, rng))
    return document, arrays, said


# -- the document -----------------------------------------------------------------------------


def _nodes(value, path=()):
    """Every place in a document: (path, container, key)."""
    entries = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in entries:
        yield (*path, key), value, key
        if isinstance(inner, dict | list):
            yield from _nodes(inner, (*path, key))


def _pick(nodes, rng, wanted=lambda value: True):
    """A place, deep ones as likely as shallow ones."""
    fitting = [node for node in nodes if wanted(node[1][node[2]])]
    if not fitting:
        raise _Nowhere
    depth = rng.choice(sorted({len(path) for path, _, _ in fitting}))
    those = [node for node in fitting if len(node[0]) == depth]
    return those[rng.integers(len(those))]


def _edit_document(document, rng):
    nodes = list(_nodes(document["content"]))
    within_one = rng.random() < 0.5
    edit = EDITS[rng.integers(len(EDITS))]
    try:
        nodes = _of_one_class(nodes, rng) if within_one else nodes
        return f"{edit.__name__.strip('_')}: {edit(nodes, rng)}"
    except _Nowhere:  # edits before it have left nothing of that kind
        return f"{edit.__name__.strip('_')}: nowhere"


def _of_one_class(nodes, rng):
    """The places in one object, of a class that is drawn before the object."""
    classes = sorted({kind for node in nodes if (kind := _kind_of(node[1][node[2]])) not in PLAIN})
    if not classes:
        raise _Nowhere
    chosen = classes[rng.integers(len(classes))]
    path, container, key = _pick(nodes, rng, lambda value: _kind_of(value) == chosen)
    return [(path, container, key), *_nodes(container[key], path)]


class _Nowhere(Exception):
    """There is no place of the kind that an edit wants."""


def _where(node):
    path, container, key = node
    return f"{'.'.join(map(str, path))} = {str(container[key])[:60]}"


def _number(nodes, rng):
    node = _pick(nodes, rng, lambda v: isinstance(v, int | float) and not isinstance(v, bool))
    return _set(node, _other_number(node[1][node[2]], rng))


def _other_number(value, rng):
    kind = rng.integers(6)
    if kind == 0:
        return ODD_NUMBERS[rng.integers(len(ODD_NUMBERS))]
    if kind == 1:
        return -value
    if kind == 2:
        return value + int(rng.integers(1, 4))
    if kind == 3:
        return value * 10**6
    if isinstance(value, int):
        return int(value) ^ (1 << int(rng.integers(40)))
    return _flipped(value, rng)


def _flipped(value, rng):
    """A float with a bit flipped, finite."""
    (bits,) = struct.unpack("<Q", struct.pack("<d", value))
    (flipped,) = struct.unpack("<d", struct.pack("<Q", bits ^ (1 << int(rng.integers(64)))))
    return flipped if math.isfinite(flipped) else -value


def _set(node, value):
    _, container, key = node
    said = _where(node)
    container[key] = value
    return f"{said} -> {str(value)[:60]}"


def _text(nodes, rng):
    node = _pick(nodes, rng, lambda v: isinstance(v, str))
    value, kind = node[1][node[2]], rng.integers(5)
    texts = [n[1][n[2]] for n in nodes if isinstance(n[1][n[2]], str)]
    others = (
        lambda: texts[rng.integers(len(texts))],
        lambda: value[:-1],
        lambda: value + "x",
        lambda: value.swapcase(),
        lambda: value * 1000,
    )
    return _set(node, others[kind]())


def _value(nodes, rng):
    node = _pick(nodes, rng)
    return _set(node, copy.deepcopy(ODD_VALUES[rng.integers(len(ODD_VALUES))]))


def _truth(nodes, rng):
    node = _pick(nodes, rng, lambda v: isinstance(v, bool) or v is None)
    return _set(node, rng.choice([True, False]).item())


def _list(nodes, rng):
    node = _pick(nodes, rng, lambda v: isinstance(v, list) and v)
    items = node[1][node[2]]
    i, j = (int(k) for k in rng.integers(len(items), size=2))
    kind = rng.integers(7)
    if kind == 0:
        del items[i]
    elif kind == 1:
        items.insert(j, copy.deepcopy(items[i]))
    elif kind == 2:
        items[i], items[j] = items[j], items[i]
    elif kind == 3:
        items.reverse()
    elif kind == 4:
        del items[i:]
    elif kind == 5:
        items += copy.deepcopy(items)
    else:
        items[i] = copy.deepcopy(items[j])
    return f"kind {kind} at {i}, {j} of {'.'.join(map(str, node[0]))}"


def _keys(nodes, rng):
    node = _pick(nodes, rng, lambda v: isinstance(v, dict) and len(v) > 1)
    value = node[1][node[2]]
    names = list(value)
    first, second = (names[k] for k in rng.permutation(len(names))[:2])
    kind = rng.integers(4)
    if kind == 0:
        del value[first]
    elif kind == 1:
        value[first], value[second] = value[second], value[first]
    elif kind == 2:
        value[first + "_"] = value.pop(first)
    else:
        value[first] = copy.deepcopy(value[second])
    return f"kind {kind}, {first} and {second} of {'.'.join(map(str, node[0]))}"


def _kind_of(value):
    kind = value.get("@") if isinstance(value, dict) else None
    return kind if isinstance(kind, str) else None


def _exchange(nodes, rng):
    """Two values of one kind change places, or one takes the other's."""
    first = _pick(nodes, rng, _kind_of)
    kind = _kind_of(first[1][first[2]])
    second = _pick(nodes, rng, lambda v: _kind_of(v) == kind)
    return _swap(first, second, rng)


def _exchange_of_any(nodes, rng):
    return _swap(_pick(nodes, rng), _pick(nodes, rng), rng)


def _swap(first, second, rng):
    said = f"{_where(first)} and {_where(second)}"
    ours, theirs = copy.deepcopy(first[1][first[2]]), copy.deepcopy(second[1][second[2]])
    first[1][first[2]] = theirs
    if rng.random() < 0.5:
        second[1][second[2]] = ours
    return said


def _another_kind(nodes, rng):
    node = _pick(nodes, rng, _kind_of)
    kinds = [_kind_of(n[1][n[2]]) for n in nodes if _kind_of(n[1][n[2]])]
    node[1][node[2]]["@"] = kinds[rng.integers(len(kinds))]
    return _where(node)


EDITS = (
    _number, _number, _number, _text, _text, _value, _value, _truth, _list, _list, _list, _keys,
    _keys, _exchange, _exchange, _exchange_of_any, _another_kind,
)  # fmt: skip


# -- arrays ------------------------------------------------------------------------------------


def _edit_arrays(arrays, rng):
    names = sorted(arrays)
    inner = [name for name in names if "transformer" in name]
    if inner and rng.random() < 0.5:
        names = inner
    name = names[rng.integers(len(names))]
    edit = ARRAY_EDITS[rng.integers(len(ARRAY_EDITS))]
    if edit is _exchanged:
        other = names[rng.integers(len(names))]
        arrays[name], arrays[other] = arrays[other], arrays[name]
        return f"exchanged {name} and {other}"
    with np.errstate(all="ignore"):
        arrays[name] = np.ascontiguousarray(edit(arrays[name].copy(), rng))
    return f"{edit.__name__.strip('_')} {name}"


def _exchanged(array, rng):
    """Marks an exchange with another array."""


def _bit(array, rng):
    data = bytearray(array.tobytes())
    if not data:
        return array
    at = rng.integers(len(data))
    data[at] ^= 1 << rng.integers(8)
    if array.dtype == bool:
        data[at] &= 1
    return np.frombuffer(bytes(data), array.dtype).reshape(array.shape)


def _entry(array, rng):
    if not array.size:
        return np.ones(1, array.dtype)
    odd = (np.nan, np.inf, -1, 0, 1e9, -1e30) if array.dtype.kind == "f" else (-1, 0, 1, 2**31 - 1)
    array.flat[rng.integers(array.size)] = np.array(odd[rng.integers(len(odd))]).astype(
        array.dtype
    )
    return array


def _scaled(array, rng):
    factor = (-5.0, 0.0, 1e-300, 1e30, 2.0)[rng.integers(5)]
    return (array * factor).astype(array.dtype)


def _typed(array, rng):
    kinds = (np.float32, np.float64, np.float16, np.int64, np.int32, np.uint8, np.bool_)
    return array.astype(kinds[rng.integers(len(kinds))])


def _shaped(array, rng):
    return (array.ravel(), array.T, array[None], array[..., None])[rng.integers(4)]


def _shorter(array, rng):
    return array[: rng.integers(len(array) + 1)] if array.ndim else array


def _longer(array, rng):
    return np.concatenate([array, array]) if array.ndim else array


def _narrower(array, rng):
    return array[:, : array.shape[1] // 2] if array.ndim > 1 else array[::2]


def _ordered(array, rng):
    return rng.permutation(array) if array.ndim else array


ARRAY_EDITS = (
    _bit, _bit, _bit, _entry, _entry, _scaled, _typed, _shaped, _shorter, _longer, _narrower,
    _ordered, _exchanged, _exchanged,
)  # fmt: skip
