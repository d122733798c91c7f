"""A model of meters: quotas, credits, reservations, rates and leases, written from the rules."""
