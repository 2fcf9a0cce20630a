"""Headings and screen labels of XTools."""

# fmt: off
# ruff: noqa: E501
# Tables of words are read along their rows, so the rows stay whole.

from __future__ import annotations

# Where each table begins to count, as in a firm that has used the CRM for years.
CUSTOMER, CONTACT, DEAL, ACTION, TASK = 6000, 11000, 20000, 100000, 600000

DATASET = {
    "用户": "用户ID,登录名,内部代码,用户名字,部门,职务,状态,类型,入职日期,离职日期",
    "客户": "ID,客户编号,客户名称,客户简称,生命周期,客户种类,客户阶段,客户来源,关系等级,行业,人员规模,省份,地级城市,电话,所有者,首次签约日期,创建日期,修改日期,备注",
    "联系人": "ID,姓名,客户编号,性别,称谓,部门,职务,负责业务,工作电话,移动电话,email,微信,生日,类型,备注,创建日期",
    "销售机会": "ID,主题,客户编号,客户联系人,发现日期,预计签约日期,预期金额,可能性,负责人,提供人,阶段,阶段备注,阶段停留时间(秒),状态,类型,来源,"
    "客户需求,竞争对手,失败原因,下一步,下一步日期,创建日期,修改日期,更新日期",
    "行动": "ID,数据类型,标题,内容,行动分类,客户编号,联系人,执行人,日期,结束日期,机会,结果,方向,时长(分钟),是否完成,到期日期,完成日期,创建人",
    "合同订单": "ID,编号,标题,客户编号,分类,总金额,回款,所有者,签约日期,开始,结束,币种,状态,审批,发货状态,付款方式,机会",
    "订单明细": "ID,订单号,产品编码,品名,型号,数量,单价,金额,税率,折扣,备注",
    "计划回款": "ID,计划回款日期,期次,金额,是否回款,所有者,负责人,客户编号,订单号,备注",
    "回款记录": "ID,客户编号,订单号,日期,回款金额,付款方式,期次,所有者,创建人,备注",
    "产品": "ID,产品编码,名称,型号,分类,价格,成本价,单位,库存数量,状态",
    "费用明细": "ID,编号,类型,日期,金额,申请人,审批人,审批状态,客户编号,行动ID,用途",
    "维修工单": "ID,编号,接单人,接单日期,客户编号,联系人,电话,故障描述,类型,产品编码,状态,优先级,首次响应时间,完成日期,满意度",
    "审批": "审批编号,审批类型,机会,申请人,审批人,金额,折扣,申请时间,审批时间,审批结果",
    "业绩目标": "业务员,月份,指标,目标值",
}
STAGES = {"contact": "初期沟通", "needs": "需求确认", "proposal": "方案报价", "negotiation": "商务谈判", "won": "签约"}
UNIT_CHANCE = (10, 30, 50, 75, 100)
OUTCOMES = {"open": "跟踪", "won": "成功", "lost": "失败", "shelved": "搁置", "dead": "失效"}
LIFE = ("潜在", "签约", "重复购买", "失效")
PERIODS = ("售前跟踪", "合同执行", "售后服务", "合同期满")
ACTION_KINDS = {"call": "电话", "message": "微信", "email": "邮件", "demo": "演示", "quote": "报价", "visit": "", "meeting": ""}
RESULTS = {"reached": "有效沟通", "no_answer": "未接通", "positive": "积极", "neutral": "中性", "negative": "消极"}
CASE_KINDS = {"complaint": "投诉", "repair": "维修", "question": "咨询"}
APPROVAL_KINDS = {"discount": "折扣", "price": "价格", "credit": "信用", "expense": "费用", "contract": "合同"}
DECISIONS = {"approved": "同意", "rejected": "否决", "withdrawn": "撤回"}
MEASURES = {"revenue": "销售额", "collected": "回款", "activities": "有效联系", "new_customers": "新客户"}
