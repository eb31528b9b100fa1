"""Which fields of MaintainX's published API description reach the warehouse, and how far."""
