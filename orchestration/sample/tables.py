"""What the simulated yearbook prints: its tables, and each column's heading and unit by edition.

Belongs here: the generator's own record of headings, written as a publisher would drift: an
indicator changes its name or its unit from one edition to the next. Does not belong here: how a
heading is read: the pipeline's mapping seed is a record of its own.
"""

from __future__ import annotations

from orchestration.sample.layout import (
    FIRST_EDITION,
    LAST_EDITION,
    SCOPES,
    Column,
    Heading,
    Table,
)

_BOTH = ("total", "districts")
_TOTAL = ("total",)
_DISTRICTS = ("districts",)


def _c(
    code: str,
    scopes: tuple[str, ...],
    unit: str,
    decimals: int,
    *names: tuple[int, str, str] | tuple[int, str, str, str, int],
) -> Column:
    """A column from (edition_from, Chinese, English[, other unit, other decimals]) records."""
    headings = [
        Heading(n[1], n[2], n[3], n[4], n[0])
        if len(n) == 5
        else Heading(n[1], n[2], unit, decimals, n[0])
        for n in names
    ]
    return Column(code, scopes, tuple(headings))


_F = FIRST_EDITION
_POPULATION = ("(一)人口、劳动力及土地资源", "Population, Labour Forces and Land Resources")
_ECONOMY = ("(二)综合经济", "General Economy")
_SOCIETY = ("(三)社会事业与公共服务", "Social Affairs and Public Services")
_INNOVATION = ("(四)环境与创新", "Environment and Innovation")

TABLES: tuple[Table, ...] = (
    Table(
        "2-1", "人口状况", "Population", *_POPULATION,
        columns=(
            _c("population_registered", _BOTH, "wan_persons", 2,
               (_F, "年末总人口", "Total Population at Year-end"),
               (2014, "年末户籍人口", "Household Registered Population at Year-end")),
            _c("population_average", _BOTH, "wan_persons", 2,
               (_F, "年平均人口", "Annual Average Population")),
            _c("natural_growth_rate", _BOTH, "permille", 2,
               (_F, "自然增长率", "Natural Growth Rate")),
        ),
        style="text",
    ),
    Table(
        "2-2", "常住人口与城镇人口", "Resident and Urban Population", *_POPULATION,
        columns=(
            _c("population_resident", _BOTH, "wan_persons", 2,
               (_F, "年末常住人口", "Resident Population at Year-end")),
            _c("population_urban", _TOTAL, "wan_persons", 2,
               (_F, "城镇人口", "Urban Population"),
               (2012, "城镇常住人口", "Urban Resident Population")),
        ),
    ),
    Table(
        "2-3", "行政区域土地面积", "Land Area of Administrative Region", *_POPULATION,
        columns=(
            _c("land_area", _BOTH, "km2", 0,
               (_F, "行政区域土地面积", "Total Land Area of Administrative Region")),
            _c("built_up_area", _DISTRICTS, "km2", 0,
               (_F, "建成区面积", "Area of Built Districts")),
        ),
        style="text",
    ),
    Table(
        "2-4", "地区生产总值", "Gross Regional Product", *_ECONOMY,
        columns=(
            _c("gdp", _BOTH, "wan_yuan", 0,
               (_F, "地区生产总值(当年价格)", "Gross Regional Product (Current Prices)"),
               (2013, "地区生产总值", "Gross Regional Product")),
            _c("gdp_per_capita", _TOTAL, "yuan", 0,
               (_F, "人均地区生产总值", "Per Capita Gross Regional Product")),
            _c("gdp_growth_rate", _TOTAL, "percent", 2,
               (_F, "地区生产总值增长率", "Growth Rate of Gross Regional Product")),
        ),
    ),
    Table(
        "2-5", "三次产业增加值", "Value Added by Industry", *_ECONOMY,
        columns=(
            _c("gdp_primary", _TOTAL, "wan_yuan", 0,
               (_F, "第一产业增加值", "Value Added of Primary Industry")),
            _c("gdp_secondary", _TOTAL, "wan_yuan", 0,
               (_F, "第二产业增加值", "Value Added of Secondary Industry")),
            _c("gdp_tertiary", _TOTAL, "wan_yuan", 0,
               (_F, "第三产业增加值", "Value Added of Tertiary Industry")),
            _c("industrial_value_added", _TOTAL, "wan_yuan", 0,
               (_F, "工业增加值", "Value Added of Industry")),
        ),
    ),
    Table(
        "2-6", "地方财政收支", "Local Government Finance", *_ECONOMY,
        columns=(
            _c("fiscal_revenue", _TOTAL, "wan_yuan", 0,
               (_F, "地方财政一般预算内收入", "Local Financial Revenue of General Budget"),
               (2013, "公共财政收入", "Public Finance Revenue"),
               (2016, "地方一般公共预算收入", "General Public Budget Revenue")),
            _c("fiscal_expenditure", _TOTAL, "wan_yuan", 0,
               (_F, "地方财政一般预算内支出", "Local Financial Expenditure of General Budget"),
               (2013, "公共财政支出", "Public Finance Expenditure"),
               (2016, "地方一般公共预算支出", "General Public Budget Expenditure")),
            _c("science_expenditure", _TOTAL, "wan_yuan", 0,
               (_F, "科学支出", "Expenditure for Science"),
               (2012, "科学技术支出", "Expenditure for Science and Technology")),
            _c("education_expenditure", _TOTAL, "wan_yuan", 0,
               (_F, "教育支出", "Expenditure for Education")),
        ),
    ),
    Table(
        "2-7", "年末金融机构存贷款余额", "Deposits and Loans of Financial Institutions", *_ECONOMY,
        columns=(
            _c("deposits", _TOTAL, "wan_yuan", 0,
               (_F, "年末金融机构存款余额", "Deposits of Financial Institutions at Year-end"),
               (2014, "年末金融机构人民币各项存款余额",
                "Deposits of National Banking System at Year-end")),
            _c("loans", _TOTAL, "wan_yuan", 0,
               (_F, "年末金融机构各项贷款余额", "Loans of Financial Institutions at Year-end"),
               (2014, "年末金融机构人民币各项贷款余额",
                "Loans of National Banking System at Year-end")),
        ),
        style="thousands",
    ),
    Table(
        "2-8", "职工工资与就业", "Wages and Employment", *_ECONOMY,
        columns=(
            _c("average_wage", _TOTAL, "yuan", 0,
               (_F, "职工平均工资", "Average Wage of Staff and Workers"),
               (2012, "在岗职工平均工资", "Average Wage of On-the-job Staff and Workers")),
            _c("unemployed", _TOTAL, "persons", 0,
               (_F, "年末城镇登记失业人员数", "Registered Unemployed Persons in Urban Areas"),
               (2015, "城镇登记失业人员数", "Registered Unemployed Persons in Urban Areas")),
        ),
        style="thousands",
    ),
    Table(
        "2-9", "教育", "Education", *_SOCIETY,
        columns=(
            _c("college_students", _TOTAL, "persons", 0,
               (_F, "普通高等学校在校学生数",
                "Students in Regular Institutions of Higher Education"),
               (2017, "普通本专科在校学生数",
                "Students in Regular Undergraduate and Junior Colleges")),
            _c("primary_teachers", _TOTAL, "persons", 0,
               (_F, "普通小学专任教师数", "Full-time Teachers of Primary Schools")),
            _c("secondary_teachers", _TOTAL, "persons", 0,
               (_F, "普通中学专任教师数", "Full-time Teachers of Regular Secondary Schools")),
        ),
    ),
    Table(
        "2-10", "文化与卫生", "Culture and Public Health", *_SOCIETY,
        columns=(
            _c("library_books", _TOTAL, "qian_books", 0,
               (_F, "公共图书馆图书总藏量", "Total Collections of Public Libraries"),
               (2018, "公共图书馆总藏量", "Total Collections of Public Libraries")),
            _c("hospital_beds", _TOTAL, "beds", 0,
               (_F, "医院、卫生院床位数", "Beds of Hospitals and Health Centers"),
               (2015, "医院床位数", "Beds of Hospitals")),
            _c("doctors", _TOTAL, "persons", 0,
               (_F, "医生数", "Doctors"),
               (2014, "执业(助理)医师数", "Licensed (Assistant) Doctors")),
        ),
    ),
    Table(
        "2-11", "社会保险", "Social Insurance", *_SOCIETY,
        columns=(
            _c("pension_insured", _TOTAL, "persons", 0,
               (_F, "城镇职工基本养老保险参保人数",
                "Persons Covered by Urban Basic Pension Insurance")),
            _c("medical_insured", _TOTAL, "persons", 0,
               (_F, "城镇基本医疗保险参保人数",
                "Persons Covered by Urban Basic Medical Insurance")),
        ),
    ),
    Table(
        "2-12", "电信与互联网", "Telecommunications and Internet", *_SOCIETY,
        columns=(
            _c("telecom_business_volume", _TOTAL, "wan_yuan", 0,
               (_F, "电信业务总量", "Business Volume of Telecommunications"),
               (2018, "电信业务总量", "Business Volume of Telecommunications", "yi_yuan", 2)),
            _c("mobile_phone_users", _TOTAL, "wan_hh", 2,
               (_F, "年末移动电话用户数", "Mobile Phone Subscribers at Year-end"),
               (2013, "移动电话年末用户数", "Mobile Phone Subscribers at Year-end")),
            _c("internet_users", _TOTAL, "wan_hh", 2,
               (_F, "国际互联网用户数", "Subscribers of Internet Services", "hh", 0),
               (2013, "国际互联网用户数", "Subscribers of Internet Services"),
               (2015, "互联网宽带接入用户数", "Subscribers of Broadband Internet Access")),
        ),
    ),
    Table(
        "2-13", "公共交通与道路", "Public Transport and Roads", *_SOCIETY,
        columns=(
            _c("buses", _DISTRICTS, "vehicles", 0,
               (_F, "年末实有公共汽(电)车营运车辆数", "Buses and Trolley Buses in Operation")),
            _c("road_area", _DISTRICTS, "wan_m2", 0,
               (_F, "年末实有铺装道路面积", "Area of Paved City Roads at Year-end"),
               (2013, "年末实有城市道路面积", "Area of City Roads at Year-end")),
        ),
    ),
    Table(
        "2-14", "环境治理与绿化", "Environmental Treatment and Green Area", *_INNOVATION,
        columns=(
            _c("harmless_waste_treatment_rate", _TOTAL, "percent", 2,
               (_F, "生活垃圾无害化处理率", "Ratio of Harmless Treatment of Domestic Garbage")),
            _c("sewage_central_treatment_rate", _TOTAL, "percent", 2,
               (_F, "污水处理厂集中处理率", "Ratio of Sewage Centralized Treatment")),
            _c("solid_waste_utilisation_rate", _TOTAL, "percent", 2,
               (_F, "工业固体废物综合利用率", "Ratio of Industrial Solid Wastes Utilized"),
               (2012, "一般工业固体废物综合利用率",
                "Ratio of Common Industrial Solid Wastes Comprehensively Utilized")),
            _c("green_coverage", _DISTRICTS, "percent", 2,
               (_F, "建成区绿化覆盖率", "Green Covered Area as % of Built Districts")),
        ),
        style="text",
    ),
    Table(
        "2-15", "科技创新", "Science, Technology and Innovation", *_INNOVATION,
        columns=(
            _c("rd_expenditure", _TOTAL, "wan_yuan", 0,
               (_F, "研究与试验发展经费支出", "Expenditure on R&D"),
               (2014, "R&D经费内部支出", "Intramural Expenditure on R&D"),
               (2020, "研究与试验发展经费支出", "Expenditure on R&D")),
            _c("patent_applications", _TOTAL, "items", 0,
               (_F, "专利申请受理量", "Patent Applications Accepted"),
               (2014, "专利申请数", "Patent Applications")),
        ),
    ),
    Table(
        "2-16", "新兴产业与数据要素", "Emerging Industries and Data Elements", *_INNOVATION,
        columns=(
            _c("emerging_industry_employees", _TOTAL, "persons", 0,
               (_F, "战略性新兴产业和未来产业上市公司从业人员数",
                "Employees of Listed Companies in Emerging Industries")),
            _c("robot_installation_density", _TOTAL, "robots", 2,
               (_F, "机器人安装密度", "Robot Installation Density")),
            _c("ai_enterprises", _TOTAL, "firms", 0,
               (_F, "人工智能企业数", "Artificial-intelligence Enterprises")),
            _c("data_element_utilisation", _TOTAL, "points", 2,
               (_F, "数据要素利用水平", "Utilisation Level of Data Elements")),
        ),
    ),
    Table(
        "2-17", "公共服务从业人员", "Persons Employed in Public Services", *_SOCIETY,
        columns=(
            _c("employees_public_administration", _TOTAL, "persons", 0,
               (_F, "公共管理和社会组织从业人员",
                "Persons Employed in Public Management and Social Organizations"),
               (2013, "公共管理、社会保障和社会组织从业人员",
                "Persons Employed in Public Management, Social Security and Social Organization")),
            _c("employees_education", _TOTAL, "persons", 0,
               (_F, "教育从业人员", "Persons Employed in Education"),
               (2016, "教育业从业人员", "Persons Employed in Education")),
            _c("employees_health", _TOTAL, "persons", 0,
               (_F, "卫生、社会保障和社会福利业从业人员",
                "Persons Employed in Health, Social Security and Social Welfare"),
               (2013, "卫生和社会工作从业人员", "Persons Employed in Health and Social Work")),
        ),
    ),
    Table(
        "2-18", "公共数据开放", "Open Public Data", *_INNOVATION,
        columns=(
            _c("open_data_sets", _TOTAL, "sets", 0,
               (_F, "已公开公共信息目录数", "Public Information Catalogues Disclosed"),
               (2017, "已开放公共数据集数", "Public Data Sets Opened")),
        ),
    ),
)  # fmt: skip


def columns() -> list[Column]:
    """All columns in the order in which they are printed."""
    return [column for table in TABLES for column in table.columns]


def headings() -> list[dict[str, str | int | float]]:
    """Every heading that the sample prints, one record per table x heading x unit x scope.

    `heading_zh` and `heading_en` come without the unit, which stands in brackets behind them on the
    page; printed value x `factor` is in the unit of the indicator seed.
    """
    records: list[dict[str, str | int | float]] = []
    for table in TABLES:
        for column in table.columns:
            for k, heading in enumerate(column.headings):
                last = (
                    column.headings[k + 1].edition_from - 1
                    if k + 1 < len(column.headings)
                    else LAST_EDITION
                )
                records.extend(
                    {
                        "table_no": table.number,
                        "heading_zh": heading.zh,
                        "heading_en": heading.en,
                        "edition_from": heading.edition_from,
                        "edition_to": last,
                        "unit_zh": heading.unit_zh,
                        "unit": heading.unit_code,
                        "indicator_code": column.code,
                        "scope": scope,
                        "scope_zh": SCOPES[scope].split("\n")[0],
                        "factor": heading.factor,
                        "decimals": heading.decimals,
                    }
                    for scope in column.scopes
                )
    return records
