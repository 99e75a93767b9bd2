"""Generic Connector: lets any CRM work with a Cisco Finesse contact centre through Apache ActiveMQ."""
