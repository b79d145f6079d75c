"""One order, or a million, under the law of a day: outcome, reasons, headroom, money, and what is missing."""
