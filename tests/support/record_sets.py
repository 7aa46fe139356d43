"""Changes of record sets, as ChangeResourceRecordSets takes them."""


def plain(name, record_type, *values, ttl=300):
    return {"Name": name, "Type": record_type, "TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]}


def alias(name, record_type, target, zone_id):
    target = {"HostedZoneId": zone_id, "DNSName": target, "EvaluateTargetHealth": False}
    return {"Name": name, "Type": record_type, "AliasTarget": target}


def change(client, zone_id, *changes):
    """`("CREATE", record_set)` and the like."""
    batch = [{"Action": action, "ResourceRecordSet": record_set} for action, record_set in changes]
    return client.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": batch})["ChangeInfo"]
