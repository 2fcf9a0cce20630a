"""Standard headings of Salesforce's weekly data export, address blocks shortened, plus this firm's own fields (__c).

Invoices, payments and goals have no standard object there; those three files carry plain headings instead.
"""

# fmt: off
# ruff: noqa: E501
# Headings are read along their rows, so the rows stay whole.

from __future__ import annotations

_AUDIT = "CreatedDate,CreatedById,LastModifiedDate,LastModifiedById,SystemModstamp"
COLUMNS = {
    "User": "Id,Username,LastName,FirstName,CompanyName,Division,Department,Title,Email,Phone,MobilePhone,Alias,IsActive,"
    f"TimeZoneSidKey,UserRoleId,ProfileId,UserType,EmployeeNumber,DelegatedApproverId,ManagerId,LastLoginDate,{_AUDIT},ForecastEnabled",
    "UserRole": "Id,Name,ParentRoleId,RollupDescription,OpportunityAccessForAccountOwner,LastModifiedDate,LastModifiedById,SystemModstamp",
    "Account": "Id,IsDeleted,MasterRecordId,Name,Type,RecordTypeId,ParentId,BillingStreet,BillingCity,BillingState,BillingPostalCode,"
    "BillingCountry,Phone,Fax,AccountNumber,Website,Sic,Industry,AnnualRevenue,NumberOfEmployees,Ownership,TickerSymbol,Description,"
    f"Rating,Site,CurrencyIsoCode,OwnerId,{_AUDIT},LastActivityDate,AccountSource,SicDesc",
    "Contact": "Id,IsDeleted,MasterRecordId,AccountId,Salutation,FirstName,LastName,MiddleName,Suffix,RecordTypeId,MailingStreet,"
    "MailingCity,MailingState,MailingPostalCode,MailingCountry,Phone,Fax,MobilePhone,HomePhone,OtherPhone,ReportsToId,Email,Title,"
    f"Department,AssistantName,LeadSource,Birthdate,Description,CurrencyIsoCode,OwnerId,HasOptedOutOfEmail,HasOptedOutOfFax,DoNotCall,{_AUDIT},"
    "LastActivityDate,EmailBouncedReason,EmailBouncedDate",
    "Lead": "Id,IsDeleted,MasterRecordId,Salutation,FirstName,LastName,Title,Company,Street,City,State,PostalCode,Country,Phone,MobilePhone,"
    "Email,Website,Description,LeadSource,Status,Industry,Rating,AnnualRevenue,NumberOfEmployees,OwnerId,IsConverted,ConvertedDate,"
    f"ConvertedAccountId,ConvertedContactId,ConvertedOpportunityId,IsUnreadByOwner,{_AUDIT},LastActivityDate,FirstCallDateTime",
    "Opportunity": "Id,IsDeleted,AccountId,IsPrivate,Name,Description,StageName,StageSortOrder,Amount,Probability,ExpectedRevenue,"
    "TotalOpportunityQuantity,CloseDate,Type,NextStep,LeadSource,IsClosed,IsWon,ForecastCategory,ForecastCategoryName,CurrencyIsoCode,"
    f"CampaignId,HasOpportunityLineItem,Pricebook2Id,OwnerId,Territory2Id,IsExcludedFromTerritory2Filter,{_AUDIT},LastActivityDate,"
    "LastStageChangeDate,FiscalYear,FiscalQuarter,ContactId,PrimaryPartnerAccountId,SyncedQuoteId,ContractId,LastAmountChangedHistoryId,"
    "LastCloseDateChangedHistoryId,Loss_Reason__c,Main_Competitor__c,Next_Step_Date__c",
    "OpportunityHistory": "Id,OpportunityId,CreatedById,CreatedDate,CreatedDateForInsert,StageName,Amount,ExpectedRevenue,CloseDate,Probability,"
    "FromForecastCategory,ForecastCategory,PrevForecastUpdate,FromOpportunityStageName,PrevOpportunityStageUpdate,CurrencyIsoCode,"
    "ValidThroughDate,SystemModstamp,IsDeleted,PrevAmount,PrevCloseDate",
    "OpportunityContactRole": f"Id,OpportunityId,ContactId,Role,IsPrimary,{_AUDIT},IsDeleted,CurrencyIsoCode",
    "Product2": "Id,Name,ProductCode,Description,IsActive,Family,QuantityUnitOfMeasure,StockKeepingUnit,CurrencyIsoCode,"
    f"{_AUDIT},IsDeleted,IsArchived,List_Price__c,Unit_Cost__c,Stock_On_Hand__c",
    "OpportunityLineItem": "Id,OpportunityId,SortOrder,PricebookEntryId,Product2Id,ProductCode,Name,CurrencyIsoCode,Quantity,Discount,TotalPrice,"
    f"UnitPrice,ListPrice,ServiceDate,Description,HasRevenueSchedule,HasQuantitySchedule,HasSchedule,{_AUDIT},IsDeleted",
    "Quote": f"Id,OwnerId,IsDeleted,Name,CurrencyIsoCode,{_AUDIT},OpportunityId,Pricebook2Id,ContactId,QuoteNumber,IsSyncing,"
    "ShippingHandling,Tax,Status,ExpirationDate,Description,GrandTotal,Discount",
    "Order": "Id,OwnerId,ContractId,AccountId,Pricebook2Id,OriginalOrderId,OpportunityId,QuoteId,EffectiveDate,EndDate,IsReductionOrder,Status,"
    "Description,Type,Name,PoDate,PoNumber,ActivatedDate,ActivatedById,StatusCode,CurrencyIsoCode,OrderNumber,TotalAmount,"
    f"{_AUDIT},IsDeleted",
    "OrderItem": "Id,Product2Id,IsDeleted,OrderId,PricebookEntryId,OriginalOrderItemId,QuoteLineItemId,AvailableQuantity,Quantity,"
    f"CurrencyIsoCode,UnitPrice,ListPrice,ServiceDate,EndDate,Description,{_AUDIT},OrderItemNumber",
    "Task": "Id,WhoId,WhatId,WhoCount,WhatCount,Subject,ActivityDate,Status,Priority,OwnerId,Description,CurrencyIsoCode,Type,TaskSubtype,"
    f"IsDeleted,AccountId,IsClosed,{_AUDIT},IsArchived,EmailMessageId,ActivityOriginType,CallDurationInSeconds,CallType,CallDisposition,"
    "CallObject,ReminderDateTime,IsReminderSet,RecurrenceActivityId,IsRecurrence,CompletedDateTime",
    "Event": "Id,WhoId,WhatId,WhoCount,WhatCount,Subject,Location,IsAllDayEvent,ActivityDateTime,ActivityDate,DurationInMinutes,Description,"
    f"AccountId,OwnerId,CurrencyIsoCode,Type,IsPrivate,ShowAs,IsDeleted,IsChild,IsGroupEvent,GroupEventType,{_AUDIT},IsArchived",
    "Case": "Id,IsDeleted,MasterRecordId,CaseNumber,ContactId,AccountId,AssetId,ProductId,EntitlementId,SourceId,ParentId,SuppliedName,"
    "SuppliedEmail,SuppliedPhone,SuppliedCompany,Type,Status,Reason,Origin,Subject,Priority,Description,IsClosed,ClosedDate,IsEscalated,"
    f"CurrencyIsoCode,OwnerId,IsClosedOnCreate,SlaStartDate,SlaExitDate,IsStopped,StopStartDate,{_AUDIT},First_Response__c,Satisfaction__c",
    "ProcessInstance": "Id,ProcessDefinitionId,TargetObjectId,Status,CurrentNodeId,CompletedDate,LastActorId,ElapsedTimeInDays,"
    f"ElapsedTimeInHours,SubmittedById,IsDeleted,{_AUDIT}",
    "ProcessInstanceStep": "Id,ProcessInstanceId,ProcessTransitionId,StepStatus,OriginalActorId,ActorId,RemindersSent,Comments,StepVersion,"
    "OverallStatus,StepNodeId,ElapsedTimeInDays,CreatedDate,CreatedById,SystemModstamp",
    "Target": "owner_id,month,measure,value",
    "Invoice": "invoice_id,order_id,account_id,owner_id,amount,issued_on,due_on",
    "Payment": "payment_id,invoice_id,order_id,account_id,owner_id,amount,paid_on",
}
PREFIXES = {
    "User": "005", "UserRole": "00E", "Profile": "00e", "Account": "001", "Contact": "003", "Lead": "00Q", "Opportunity": "006",
    "OpportunityHistory": "008", "OpportunityContactRole": "00K", "Product2": "01t", "Pricebook2": "01s", "PricebookEntry": "01u",
    "OpportunityLineItem": "00k", "Quote": "0Q0", "Order": "801", "OrderItem": "802", "Task": "00T", "Event": "00U", "Case": "500",
    "ProcessInstance": "04g", "ProcessInstanceStep": "04h", "ProcessDefinition": "04a", "Invoice": "a0I", "Payment": "a0P",
}
STAGES = {
    "prospecting": ("Prospecting", 10, "Pipeline"), "qualification": ("Qualification", 20, "Pipeline"),
    "needs": ("Needs Analysis", 40, "Pipeline"), "proposal": ("Proposal/Price Quote", 60, "BestCase"),
    "negotiation": ("Negotiation/Review", 80, "Forecast"), "won": ("Closed Won", 100, "Closed"),
}
LOST = ("Closed Lost", 0, "Omitted")
FORECAST_NAMES = {"Pipeline": "Pipeline", "BestCase": "Best Case", "Forecast": "Commit", "Closed": "Closed", "Omitted": "Omitted"}
NO_LOOKUP = "000000000000000AAA"
# Fields whose names end like a lookup's but hold something else.
_NOT_LOOKUPS = {"Id", "JigsawCompanyId"}
_BOOLEANS = {
    "IsDeleted", "IsPrivate", "IsClosed", "IsWon", "IsActive", "HasOpportunityLineItem", "IsExcludedFromTerritory2Filter", "IsPrimary",
    "IsArchived", "HasRevenueSchedule", "HasQuantitySchedule", "HasSchedule", "IsSyncing", "IsReductionOrder", "IsReminderSet",
    "IsRecurrence", "IsAllDayEvent", "IsChild", "IsGroupEvent", "IsEscalated", "IsClosedOnCreate", "IsStopped", "HasOptedOutOfEmail",
    "HasOptedOutOfFax", "DoNotCall", "IsConverted", "IsUnreadByOwner", "ForecastEnabled",
}
_DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def blank(table: str, column: str) -> str:
    """What the export writes where nothing was entered."""
    if table in ("Target", "Invoice", "Payment"):
        return ""
    if column in _BOOLEANS:
        return "0"
    return NO_LOOKUP if column.endswith("Id") and column not in _NOT_LOOKUPS else ""


def record_id(table: str, number: int) -> str:
    """An 18-character id: prefix, instance, running number, and the three check characters of the real scheme."""
    tail = ""
    while number:
        number, rest = divmod(number, 62)
        tail = _ALPHABET[rest] + tail
    short = f"{PREFIXES[table]}Hn{tail:0>10}"
    return short + check_characters(short)


def check_characters(short: str) -> str:
    """Which of each five characters are capitals, so that the id survives tools that ignore case."""
    checks = ""
    for start in (0, 5, 10):
        bits = sum(1 << place for place, letter in enumerate(short[start:start + 5]) if letter.isupper())
        checks += _DIGITS[bits]
    return checks
