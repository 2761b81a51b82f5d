"""Promises: what the policy folder says of the logs, written out; the floor and the rivals read nothing."""

FULL_IP = "usage_logs_hold_no_full_ip_address"
PERSISTENT = "usage_log_ids_do_not_persist"
SMALL = "usage_logs_meet_k_anonymity"
TELLING = "usage_logs_resist_inference"
UNDECLARED = "usage_logs_hold_only_declared_fields"
DETAILED = "ip_country_kept_alone_after_2_years"

TWO_YEARS_AGO, K, L, T = "2024-10-31 23:00:00", 11, 3, 0.2
ZONE = "Europe/Paris"
DECLARED = {"ip", "at", "action", "anonymous_id", "event_id", "country", "month", "count", "customer_domain"}

ADDRESS = r"([0-9]{1,3}\.){3}[1-9][0-9]{0,2}($|[^0-9.])"
ADDRESS_ALONE = rf"(^|[^0-9.]){ADDRESS}"
ADDRESS_IN_TEXT = rf"(^|[^0-9A-Za-z._/-]|//){ADDRESS}"
SPECIAL = r"^(10|127|192\.168|172\.(1[6-9]|2[0-9]|3[01])|169\.254|0|192\.0\.2|198\.51\.100|203\.0\.113)\."
ADDRESS_6 = "^[23][0-9a-f]{3}:|::ffff:"
ADDRESS_6_CUT = "^[0-9a-f]*(:[0-9a-f]*){1,2}::$"
ADDRESS_6_IN_TEXT = "[23][0-9a-f]{3}:[0-9a-f:]+::?[0-9a-f]+"
