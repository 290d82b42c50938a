"""Units of one quantity, such as grams and kilograms, and one converted to another."""

from __future__ import annotations

#: Of each quantity: how much of its first unit another one is.
_QUANTITIES: tuple[dict[str, float], ...] = (
    {
        "kg": 1, "kgs": 1, "kilo": 1, "g": 1e-3, "gr": 1e-3, "gram": 1e-3, "grams": 1e-3,
        "mg": 1e-6, "µg": 1e-9, "μg": 1e-9, "mcg": 1e-9, "t": 1e3, "tonnes": 1e3,
        "lb": 0.45359237, "lbs": 0.45359237, "oz": 0.028349523125,
    },
    {
        "m": 1, "km": 1e3, "dm": 0.1, "cm": 1e-2, "mm": 1e-3, "µm": 1e-6, "μm": 1e-6, "nm": 1e-9,
        "in": 0.0254, "inch": 0.0254, "inches": 0.0254, "ft": 0.3048, "feet": 0.3048,
        "yd": 0.9144, "mi": 1609.344, "miles": 1609.344,
    },
    {"m²": 1, "m2": 1, "m^2": 1, "sqm": 1, "ha": 1e4, "km²": 1e6, "km2": 1e6, "sqft": 0.09290304},
    {"l": 1, "L": 1, "dl": 0.1, "dL": 0.1, "cl": 0.01, "cL": 0.01, "ml": 1e-3, "mL": 1e-3},
    {
        "B": 1, "KB": 1e3, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12,
        "KiB": 2**10, "MiB": 2**20, "GiB": 2**30, "TiB": 2**40,
    },
    {"Hz": 1, "kHz": 1e3, "KHz": 1e3, "MHz": 1e6, "GHz": 1e9},
    {"W": 1, "kW": 1e3, "MW": 1e6, "GW": 1e9},
    {"Wh": 1, "kWh": 1e3, "MWh": 1e6, "GWh": 1e9},
    {"Pa": 1, "hPa": 100, "mbar": 100, "kPa": 1e3, "bar": 1e5, "MPa": 1e6},
    {"m/s": 1, "km/h": 1 / 3.6, "kmh": 1 / 3.6, "mph": 0.44704},
)  # fmt: skip
#: Of degrees of latitude and of longitude, one is the negative of the other.
_COMPASS = ({"N", "S"}, {"E", "W"})
_CELSIUS, _FAHRENHEIT = ("°C", "° C", "ºC"), ("°F", "° F", "ºF")


def in_unit(value: float, unit: str, wanted: str) -> float | None:
    """A value of one unit in another; None where they are not of one quantity."""
    if unit in _FAHRENHEIT and wanted in _CELSIUS:
        return (value - 32) / 1.8
    if unit in _CELSIUS and wanted in _FAHRENHEIT:
        return 1.8 * value + 32
    if unit[:-1] == wanted[:-1] and {unit[-1:], wanted[-1:]} in _COMPASS:
        return -value
    for factors in _QUANTITIES:
        if unit in factors and wanted in factors:
            return value * factors[unit] / factors[wanted]
    return None


def are_of_one_quantity(one: str, other: str) -> bool:
    """Whether values of two units can be converted: kilograms and grams."""
    return in_unit(1.0, one, other) is not None
