"""What joins rooms: which selection is worth it, measured by training again."""

from fieldwise.search.choosing import choose_fields, choose_rows
from fieldwise.search.curve_result import FieldCurve
from fieldwise.search.field_costs import field_costs
from fieldwise.search.field_curve import field_curve

__all__ = ["FieldCurve", "choose_fields", "choose_rows", "field_costs", "field_curve"]
