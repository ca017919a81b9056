"""Differences of counts in a few lines, whatever their number."""

from orchestration.refresh.row_counts import Difference, in_short


def test_many_differences_of_a_mart_are_cut_short() -> None:
    many = [Difference("city_year", None, 300, 0)]
    many += [Difference("city_year", year, 10, None) for year in range(1995, 2025)]
    few = [Difference("index_score", 2015, 1000, 1200)]
    assert in_short([*many, *few]) == [
        "city_year: expected 300, found 0",
        "city_year in 1995: expected 10, found none",
        "city_year in 1996: expected 10, found none",
        "city_year: 28 more years up to 2024",
        "index_score in 2015: expected 1,000, found 1,200",
    ]
    assert in_short(many[:4]) == [str(one) for one in many[:4]]
    assert in_short([]) == []
