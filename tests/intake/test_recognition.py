"""Recognition is certain among all profiles: every object by its own headings, by the real ones, and nobody's by none."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from dashboard.intake.profile import headings_of, profiles
from dashboard.intake.recognition import recognise

_SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "samples"

#: Headings as the CRMs write them: profile, object, headings.
_REAL = [
    ("salesforce", "Opportunity", "Id,IsDeleted,AccountId,IsPrivate,Name,Description,StageName,StageSortOrder,Amount,Probability,ExpectedRevenue,TotalOpportunityQuantity,CloseDate,Type,NextStep,LeadSource,IsClosed,IsWon,ForecastCategory,ForecastCategoryName,CurrencyIsoCode,CampaignId,HasOpportunityLineItem,Pricebook2Id,OwnerId,Territory2Id,IsExcludedFromTerritory2Filter,CreatedDate,CreatedById,LastModifiedDate,LastModifiedById,SystemModstamp,LastActivityDate,LastStageChangeDate,FiscalYear,FiscalQuarter,ContactId,PrimaryPartnerAccountId,SyncedQuoteId,ContractId,LastAmountChangedHistoryId,LastCloseDateChangedHistoryId"),
    ("salesforce", "OpportunityHistory", "Id,OpportunityId,CreatedById,CreatedDate,CreatedDateForInsert,StageName,Amount,ExpectedRevenue,CloseDate,Probability,FromForecastCategory,ForecastCategory,PrevForecastUpdate,FromOpportunityStageName,PrevOpportunityStageUpdate,CurrencyIsoCode,ValidThroughDate,SystemModstamp,IsDeleted,PrevAmount,PrevCloseDate"),
    ("salesforce", "Account", "Id,IsDeleted,MasterRecordId,Name,Type,RecordTypeId,ParentId,BillingStreet,BillingCity,BillingState,BillingPostalCode,BillingCountry,Phone,Fax,AccountNumber,Website,Sic,Industry,AnnualRevenue,NumberOfEmployees,Ownership,TickerSymbol,Description,Rating,Site,CurrencyIsoCode,OwnerId,CreatedDate,CreatedById,LastModifiedDate,LastModifiedById,SystemModstamp,LastActivityDate,AccountSource,SicDesc"),
    ("salesforce", "Contact", "Id,IsDeleted,MasterRecordId,AccountId,Salutation,FirstName,LastName,MiddleName,Suffix,RecordTypeId,MailingStreet,MailingCity,Phone,Fax,MobilePhone,HomePhone,OtherPhone,AssistantPhone,ReportsToId,Email,Title,Department,AssistantName,LeadSource,Birthdate,Description,CurrencyIsoCode,OwnerId,CreatedDate"),
    ("salesforce", "Task", "Id,WhoId,WhatId,WhoCount,WhatCount,Subject,ActivityDate,Status,Priority,OwnerId,Description,CurrencyIsoCode,Type,IsDeleted,AccountId,IsClosed,CreatedDate,CreatedById,LastModifiedDate,SystemModstamp,IsArchived,CallDurationInSeconds,CallType,CallDisposition,CallObject,CompletedDateTime"),
    ("salesforce", "Event", "Id,WhoId,WhatId,WhoCount,WhatCount,Subject,Location,IsAllDayEvent,ActivityDateTime,ActivityDate,DurationInMinutes,Description,AccountId,OwnerId,CurrencyIsoCode,Type,IsPrivate,ShowAs,IsDeleted,IsChild,IsGroupEvent,GroupEventType,CreatedDate,IsArchived"),
    ("salesforce", "User", "Id,Username,FirstName,LastName,CompanyName,Division,Department,Title,Email,IsActive,UserRoleId,ProfileId,UserType,EmployeeNumber,DelegatedApproverId,ManagerId,LastLoginDate,CreatedDate,ForecastEnabled"),
    ("salesforce", "UserRole", "Id,Name,ParentRoleId,RollupDescription"),
    ("salesforce", "Lead", "Id,IsDeleted,MasterRecordId,Salutation,FirstName,LastName,Title,Company,Street,City,Phone,MobilePhone,Email,Website,Description,LeadSource,Status,Industry,Rating,AnnualRevenue,NumberOfEmployees,OwnerId,IsConverted,ConvertedDate,ConvertedAccountId,ConvertedContactId,ConvertedOpportunityId,IsUnreadByOwner,CreatedDate,LastTransferDate"),
    ("salesforce", "Case", "Id,IsDeleted,MasterRecordId,CaseNumber,ContactId,AccountId,AssetId,ProductId,EntitlementId,SourceId,ParentId,SuppliedName,Type,Status,Reason,Origin,Subject,Priority,Description,IsClosed,ClosedDate,IsEscalated,CurrencyIsoCode,OwnerId,CreatedDate"),
    ("salesforce", "Quote", "Id,OwnerId,IsDeleted,Name,CurrencyIsoCode,CreatedDate,OpportunityId,Pricebook2Id,ContactId,QuoteNumber,IsSyncing,ShippingHandling,Tax,Status,ExpirationDate,Description"),
    ("salesforce", "Order", "Id,OwnerId,ContractId,AccountId,Pricebook2Id,OriginalOrderId,OpportunityId,QuoteId,EffectiveDate,EndDate,IsReductionOrder,Status,Description,Type,Name,PoDate,PoNumber,ActivatedDate,ActivatedById,StatusCode,CurrencyIsoCode,OrderNumber,TotalAmount"),
    ("salesforce", "OrderItem", "Id,Product2Id,IsDeleted,OrderId,PricebookEntryId,OriginalOrderItemId,QuoteLineItemId,AvailableQuantity,Quantity,CurrencyIsoCode,UnitPrice,ListPrice,ServiceDate,EndDate,Description,OrderItemNumber"),
    ("salesforce", "ProcessInstance", "Id,ProcessDefinitionId,TargetObjectId,Status,CurrentNodeId,CompletedDate,LastActorId,SubmittedById,IsDeleted,CreatedDate"),
    ("salesforce", "ProcessInstanceStep", "Id,ProcessInstanceId,ProcessTransitionId,StepStatus,OriginalActorId,ActorId,RemindersSent,Comments,StepVersion,OverallStatus,StepNodeId,ElapsedTimeInDays,CreatedDate,CreatedById,SystemModstamp"),
    ("salesforce", "OpportunityLineItem", "Id,OpportunityId,SortOrder,PricebookEntryId,Product2Id,ProductCode,Name,Quantity,Discount,TotalPrice,UnitPrice,ListPrice,ServiceDate,Description,CreatedDate,IsDeleted"),
    ("salesforce", "Product2", "Id,Name,ProductCode,Description,IsActive,Family,QuantityUnitOfMeasure,StockKeepingUnit,CreatedDate,IsDeleted,IsArchived"),
    ("salesforce", "OpportunityFieldHistory", "Id,IsDeleted,OpportunityId,CreatedById,CreatedDate,DataType,Field,OldValue,NewValue"),
    ("salesforce", "OpportunityContactRole", "Id,OpportunityId,ContactId,Role,CreatedDate"),
    ("salesforce", "Opportunity", "id,is_deleted,account_id,name,stage_name,amount,probability,close_date,is_closed,is_won,owner_id,created_date,last_activity_date,_fivetran_deleted"),
    ("salesforce_report", "Opportunity report", "Opportunity Owner,Account Name,Opportunity Name,Stage,Fiscal Period,Amount,Expected Revenue,Probability (%),Age,Close Date,Created Date,Next Step,Lead Source,Type,Owner Role"),
    ("salesforce_report", "Opportunity report", "业务机会所有人,客户名,业务机会名称,阶段,会计期间,金额,可能性 (%),结束日期,创建日期,下一步,潜在客户来源,类型"),
    ("salesforce_report", "Opportunity History report", "Opportunity Name,From Stage,To Stage,Stage Change,Stage Duration,Last Stage Change Date,Last Modified,Last Modified By,Amount,Probability (%),Close Date"),
    ("salesforce_report", "Opportunity History report", "Opportunity Owner,Account Name,Opportunity Name,Stage,Type,Lead Source,Created Date,Age,From Stage,To Stage,Stage Change,Stage Duration,Last Modified,Last Modified By,Amount,Probability (%),Close Date"),
    ("salesforce_report", "Opportunities with Products report", "Opportunity Owner,Account Name,Opportunity Name,Stage,Close Date,Amount,Product Name,Product Code,Quantity,Sales Price,Total Price"),
    ("salesforce_report", "Accounts report", "Account Owner,Account Name,Type,Rating,Last Activity,Last Modified Date,Billing State/Province"),
    ("salesforce_report", "Contacts report", "Salutation,First Name,Last Name,Title,Account Name,Mailing Street,Mailing City,Phone,Mobile,Fax,Email,Account Owner"),
    ("salesforce_report", "Leads report", "Lead Owner,First Name,Last Name,Title,Company / Account,Lead Source,Rating,Street,Email"),
    ("salesforce_report", "Tasks and Events report", "Assigned,Subject,Date,Status,Priority,Task,Company / Account,Contact,Lead,Opportunity"),
    ("salesforce_report", "Cases report", "Case Owner,Subject,Date/Time Opened,Age,Open,Closed,Account Name,Case Number,Status,Priority"),
    ("salesforce_report", "Products report", "Product Name,Product Code,Product Description,Product Family,Active"),
    ("dynamics365", "Opportunity", "Created On,Topic,Owner,Potential Customer,Status,Status Reason,Est. revenue,Est. close date,Actual Revenue,Actual Close Date,Probability,Rating,Sales Stage,Forecast category,Customer Need,Proposed Solution,Source Campaign,Purchase Process,Purchase Timeframe,Currency,Contact,Price List,Revenue"),
    ("dynamics365", "Account", "Account Name,Main Phone,Address 1: City,Address 1: State/Province,Primary Contact,Territory,Annual Revenue,Owner"),
    ("dynamics365", "Contact", "Email,Company Name,Business Phone,Address 1: City,First Name,Last Name,Job Title,Lead Source,Mobile Phone"),
    ("hubspot", "Deals", "Record ID,Deal Name,Deal Stage,Pipeline,Amount,Amount in company currency,Currency,Close Date,Create Date,Deal owner,Deal Type,Priority,Deal Description,Closed Lost Reason,Deal probability,Forecast amount,Next step,Last Activity Date,Is Closed Won,Associated Company,Associated Contact,Associated Company IDs,Associated Contact IDs"),
    ("hubspot", "Contacts", "Record ID,First Name,Last Name,Annual Revenue,City,Close Date,Company Name,Contact owner,Country/Region,Create Date,Email,Industry,Job Title,Last Activity Date,Lead Status,Lifecycle Stage,Mobile Phone Number,Phone Number,Associated Company,Associated Deal,Associated Company IDs,Associated Deal IDs"),
    ("hubspot", "Companies", "Record ID,Company name,Company Domain Name,Company owner,Industry,Number of Employees,Annual Revenue,City,State/Region,Country/Region,Create Date,Lifecycle Stage,Parent Company"),
    ("pipedrive", "Deals", "Deal - ID,Deal - Title,Deal - Creator,Deal - Owner,Deal - Value,Deal - Currency of Value,Deal - Weighted value,Deal - Probability,Deal - Organization,Deal - Organization ID,Deal - Pipeline,Deal - Contact person,Deal - Stage,Deal - Label,Deal - Status,Deal - Deal created,Deal - Update time,Deal - Last stage change,Deal - Won time,Deal - Lost time,Deal - Deal closed on,Deal - Lost reason,Deal - Expected close date,Deal - Product quantity,Deal - Product amount,Deal - Product name"),
    ("pipedrive", "Deals", "Deal - Title*,Deal - Value,Organization*,Contact person*,Deal - Owner,Deal - Stage (pipeline),Deal - Creation date,Deal - Closed on,Deal - Currency of value,Deal - Pipedrive System ID"),
    ("pipedrive", "Deals with people and organizations", "Deal - ID,Deal - Title,Deal - Value,Deal - Owner,Deal - Stage,Deal - Status,Deal - Deal created,Deal - Organization,Deal - Contact person,Organization - Owner,Organization - City/town/village/locality of Address,Person - Email,Person - Phone"),
    ("pipedrive", "People", "Person - Name,Person - Email (Work),Person - Phone,Person - Owner,Organization name"),
    ("pipedrive", "Organizations", "Organization - Name,Organization - Address,Organization - Won deals"),
    ("pipedrive", "Activities", "Activity - Subject,Activity - Type,Activity - Done,Activity - Due date,Activity - Due time,Activity - Duration,Activity - Marked as done time,Activity - Assigned to user,Activity - Note,Activity - Creation date,Deal,Organization,Contact person"),
    ("pipedrive", "Notes", "Note - Content,Note - Pipedrive system ID"),
    ("pipedrive", "Products", "Product - Name,Product - Product code,Product - Price,Product - Unit,Product - Category,Product - Active"),
    ("zoho", "Deals", "Record Id,Deal Owner.id,Deal Owner,Amount,Deal Name,Closing Date,Account Name.id,Account Name,Stage,Type,Probability (%),Lead Source,Created By.id,Created By,Modified By.id,Modified By,Created Time,Modified Time,Description,Contact Name.id,Contact Name,Expected Revenue,Last Activity Time,Lead Conversion Time,Sales Cycle Duration,Overall Sales Duration,Pipeline,Change Log Time,Locked,Reason For Loss"),
    ("zoho", "Accounts", "Record Id,Account Owner.id,Account Owner,Account Name,Phone,Website,Parent Account.id,Parent Account,Account Type,Industry,Annual Revenue,Employees,Billing Street,Billing City,Billing State,Billing Code,Billing Country,Created Time"),
    ("zoho", "Contacts", "Record Id,Contact Owner.id,Contact Owner,First Name,Last Name,Account Name.id,Account Name,Title,Email,Phone,Mobile,Reporting To,Lead Source,Created Time"),
    ("zoho", "Tasks", "Record Id,Task Owner.id,Task Owner,Subject,Due Date,Contact Name,Related To,Status,Priority,Closed Time"),
    ("zoho", "Meetings", "Title,From,To,Host,Related To,Contact Name,Participants,Check-In Time,Checked In Status"),
    ("zoho", "Calls", "Subject,Call Type,Call Purpose,Call Start Time,Call Duration,Call Duration (in seconds),Call Result,Contact Name,Related To,Call Owner"),
    ("zoho", "Products", "Record Id,Product Name,Product Code,Unit Price,Qty in Stock,Product Active"),
    ("zoho", "Cases", "Record Id,Case Number,Subject,Status,Priority,Case Origin,Account Name,Deal Name,Type,Created Time"),
    ("wukong", "线索", "线索名称,邮箱,线索来源,手机,电话,地址,客户行业,客户级别,下次联系时间,备注"),
    ("wukong", "客户", "客户名称,客户来源,手机,电话,网址,客户行业,客户级别,下次联系时间,备注,邮箱"),
    ("wukong", "客户", "客户名称,客户来源,客户行业,客户级别,负责人,前负责人,所属部门,成交状态,锁定状态,负责人获取客户时间,详细地址"),
    ("wukong", "联系人", "姓名,客户名称,手机,电话,邮箱,职务,是否关键决策人,地址,下次联系时间,备注,性别"),
    ("wukong", "产品", "产品名称,产品类型,产品单位,产品编码,价格,产品描述,是否上下架"),
    ("wukong", "商机", "商机名称,客户名称,商机金额,预计成交日期,备注,商机状态组,商机阶段"),
    ("wukong", "合同", "合同编号,合同名称,客户名称,商机名称,合同金额,下单时间,合同开始时间,合同结束时间,客户签约人,公司签约人,备注,合同类型"),
    ("wukong", "回款", "回款编号,客户名称,合同编号,期数,回款日期,回款金额,回款方式,备注"),
    ("wukong", "回款计划", "客户名称,合同编号,计划回款金额,计划回款日期,提前几天提醒,备注"),
    ("wukong", "发票", "发票申请编号,客户名称,合同编号,合同金额,开票金额,开票日期,开票类型"),
    ("wukong", "回访", "回访编号,回访时间,回访人,回访形式,客户名称,联系人,合同编号,客户满意度,客户反馈"),
    ("xtools", "用户", "用户ID,登录名,内部代码,用户名字,部门ID,状态,类型"),
    ("xtools", "客户", "ID,客户编号,客户名称,客户简称,生命周期,客户种类,客户阶段,客户来源,关系等级,行业,人员规模,省份,地级城市,区县,地址,电话,网址,上级客户,所有者,首次签约日期,创建日期,修改日期,备注"),
    ("xtools", "联系人", "ID,姓名,性别,称谓,部门,职务,负责业务,工作电话,移动电话,email,qq,微信,生日,家庭住址,备注,类型,客户编号"),
    ("xtools", "销售机会", "ID,主题,客户编号,客户联系人,发现日期,预计签约日期,预期金额,可能性,负责人,提供人,阶段,阶段备注,阶段停留时间(秒),状态,类型,来源,客户需求,创建日期,修改日期,更新日期"),
    ("xtools", "行动", "ID,数据类型,标题,内容,行动分类,客户,联系人,执行人,日期,结束日期,机会,项目,合约"),
    ("xtools", "合同订单", "ID,编号,主题,客户,分类,总金额,回款,所有者,客户签约人,签约日期,开始,最晚发货,币种,汇率,状态,审批,发货状态,付款方式,结款方式,机会,备注"),
    ("xtools", "订单明细", "ID,产品编码,品名,型号,规格,批次,数量,单价,金额,税率,税金,折扣,订单"),
    ("xtools", "计划回款", "ID,计划回款日期,期次,金额,是否回款,所有者,负责人,客户编号,订单号"),
    ("xtools", "回款记录", "ID,客户编号,订单,日期,回款金额,付款方式,分类,类型,已开发票,期次,所有者,创建人,备注,币种"),
    ("xtools", "产品", "ID,产品编码,名称,型号,规格,分类,价格,成本价,单位,库存数量,上限,下限,是否计算库存,状态,生产厂家"),
    ("xtools_excel", "客户", "客户,简称,编号,ID,所有者,周期,类型,阶段,行业,城市,电话,地址,创建,修改,订单数,订单额,最近订单,回款额,联系人数,严重逾期"),
    ("xtools_excel", "订单", "日期,单号,客户,客户ID,主题,金额,币种,已回款,状态,审批,发货状态,发货单数,业务员,类型,付款,付款模式,发票类型,付款方式,货期,是否试用,首单签约,收货人,手机,地址,备注"),
    ("xtools_excel", "计划回款", "计划日期,客户,订单号,期次,金额,状态,逾期天数,业务员,备注"),
    ("xtools_excel", "回款记录", "日期,客户,订单号,金额,币种,付款方式,分类,开票,期次,业务员,所有者,备注"),
    ("xtools_excel", "工作日志", "日期,结束日期,人员,类型,日程,客户,联系人,提及,标题,内容,字数,关联订单,日期标记"),
    ("xtools_excel", "产品", "编号,名称,型号,SKU,分类,大类,单位,价格,状态,库存,库存上限,库存下限"),
    ("xtools_excel", "联系人", "姓名,客户,客户ID,所有者,职务,部门,手机,电话,微信,QQ,邮箱"),
]  # fmt: skip

#: The objects that the samples hold, by folder.
_IN_SAMPLES = {
    "salesforce_devorg": "salesforce",
    "salesforce_full_fields": "salesforce",
    "dynamics365": "dynamics365",
    "hubspot": "hubspot",
    "zh_crm": "wukong",
}


@pytest.mark.parametrize(("profile", "name", "headings"), _REAL)
def test_headings_as_the_crm_writes_them(profile: str, name: str, headings: str) -> None:
    match = recognise(headings.split(","))
    assert match is not None and (match.profile.name, match.object.name) == (profile, name)


@pytest.mark.parametrize("profile", [name for name in profiles() if name != "canonical"])
def test_every_object_by_all_the_headings_that_its_profile_knows(profile: str) -> None:
    for spec in profiles()[profile].objects:
        header = {h for text in spec.signature for h in text.split("|")}
        header |= {h for into in spec.into for value in into.fields.values() for h in headings_of(value)}
        match = recognise(sorted(header))
        assert match is not None and (match.profile.name, match.object.name) == (profile, spec.name)


@pytest.mark.parametrize("profile", [name for name in profiles() if name != "canonical"])
def test_for_every_table_that_a_profile_fills_it_says_where_the_export_comes_from(profile: str) -> None:
    filled = {into.table for spec in profiles()[profile].objects for into in spec.into}
    assert filled <= profiles()[profile].how.keys()


@pytest.mark.skipif(not _SAMPLES.is_dir(), reason="the samples are not beside the project")
@pytest.mark.parametrize("folder", _IN_SAMPLES)
def test_files_of_others_are_taken_for_what_their_folder_says(folder: str) -> None:
    for path in sorted((_SAMPLES / folder).glob("*.csv")):
        if path.name == "chinese_crm_headings.csv":
            continue
        with path.open(encoding="gb18030" if folder == "zh_crm" else "utf-8-sig", newline="") as file:
            header = next(csv.reader(file))
        match = recognise(header)
        assert match is not None and match.profile.name == _IN_SAMPLES[folder], path.name


@pytest.mark.parametrize(
    "header",
    [
        "客户名称,负责人,金额,日期",
        "客户名称,负责人,金额,备注,创建时间",
        "客户,金额,日期",
        "客户,业务员,金额,日期,备注",
        "姓名,电话,备注",
        "名称,编号,价格",
        "日期,客户,内容",
        "主题,客户,金额,阶段,负责人",
        "项目名称,客户名称,金额,阶段,预计成交日期,负责人",
        "Name,Owner,Amount,Date",
        "Account Name,Owner,Amount,Stage,Close Date",
        "First Name,Last Name,Email,Phone",
        "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value",
        "sales_agent,manager,regional_office",
        "account,sector,year_established,revenue,employees,office_location,subsidiary_of",
        "product,series,sales_price",
    ],
)
def test_a_file_with_headings_that_anybody_could_have_is_claimed_by_nobody(header: str) -> None:
    match = recognise(header.split(","))
    assert match is None or match.confidence < 0.75, (match.profile.name, match.object.name, match.confidence)
