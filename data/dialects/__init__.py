"""How three CRMs write the same firm: Salesforce, XTools, Dynamics 365."""
