"""EC2's forms: capitals, and no names for elements."""

from support.raw_request import read_as


def test_lists_are_flat_and_names_capitalised():
    body = b"VpcEndpointId.1=a&VpcEndpointId.2=b&Filter.1.Name=vpc-id&Filter.1.Value.1=x&MaxResults=5"
    assert read_as("ec2", "DescribeVpcEndpoints", body) == {
        "VpcEndpointIds": ["a", "b"],
        "Filters": [{"Name": "vpc-id", "Values": ["x"]}],
        "MaxResults": 5,
    }


def test_a_name_without_its_capital_is_another_name():
    assert read_as("ec2", "DescribeVpcEndpoints", b"vpcEndpointId.1=a") == {}
