"""De-identification after PS3.15 Annex E: tables as data, rules, keys, and the engine that applies them."""
