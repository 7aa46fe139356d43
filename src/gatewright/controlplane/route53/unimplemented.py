"""What Route 53 does not answer here, and why."""

from collections.abc import Mapping

_HEALTH = "nothing is probed, so there are no health checks"
_POLICIES = "there is simple routing only, so there is no traffic flow"
_PRIVATE = "private hosted zones come with private APIs"
_DNSSEC = "zones are not signed"
_DELEGATION = "all zones have the same name servers"
_LOGGING = "queries are not logged"
_CIDR = "there is simple routing only, so there is no IP-based routing"
_PROTECTION = "record sets have no protections"
_LIMITS = "there are no limits on zones and record sets: it is your machine"

UNIMPLEMENTED: Mapping[str, str] = {
    "ActivateKeySigningKey": _DNSSEC,
    "AssociateVPCWithHostedZone": _PRIVATE,
    "ChangeCidrCollection": _CIDR,
    "CreateCidrCollection": _CIDR,
    "CreateHealthCheck": _HEALTH,
    "CreateKeySigningKey": _DNSSEC,
    "CreateQueryLoggingConfig": _LOGGING,
    "CreateResourceRecordSetProtections": _PROTECTION,
    "CreateReusableDelegationSet": _DELEGATION,
    "CreateTrafficPolicy": _POLICIES,
    "CreateTrafficPolicyInstance": _POLICIES,
    "CreateTrafficPolicyVersion": _POLICIES,
    "CreateVPCAssociationAuthorization": _PRIVATE,
    "DeactivateKeySigningKey": _DNSSEC,
    "DeleteCidrCollection": _CIDR,
    "DeleteHealthCheck": _HEALTH,
    "DeleteKeySigningKey": _DNSSEC,
    "DeleteQueryLoggingConfig": _LOGGING,
    "DeleteResourceRecordSetProtections": _PROTECTION,
    "DeleteReusableDelegationSet": _DELEGATION,
    "DeleteTrafficPolicy": _POLICIES,
    "DeleteTrafficPolicyInstance": _POLICIES,
    "DeleteVPCAssociationAuthorization": _PRIVATE,
    "DisableHostedZoneDNSSEC": _DNSSEC,
    "DisassociateVPCFromHostedZone": _PRIVATE,
    "EnableHostedZoneDNSSEC": _DNSSEC,
    "GetAccountLimit": _LIMITS,
    "GetCheckerIpRanges": _HEALTH,
    "GetDNSSEC": _DNSSEC,
    "GetGeoLocation": _POLICIES,
    "GetHealthCheck": _HEALTH,
    "GetHealthCheckCount": _HEALTH,
    "GetHealthCheckLastFailureReason": _HEALTH,
    "GetHealthCheckStatus": _HEALTH,
    "GetHostedZoneLimit": _LIMITS,
    "GetQueryLoggingConfig": _LOGGING,
    "GetReusableDelegationSet": _DELEGATION,
    "GetReusableDelegationSetLimit": _DELEGATION,
    "GetTrafficPolicy": _POLICIES,
    "GetTrafficPolicyInstance": _POLICIES,
    "GetTrafficPolicyInstanceCount": _POLICIES,
    "ListCidrBlocks": _CIDR,
    "ListCidrCollections": _CIDR,
    "ListCidrLocations": _CIDR,
    "ListGeoLocations": _POLICIES,
    "ListHealthChecks": _HEALTH,
    "ListHostedZonesByVPC": _PRIVATE,
    "ListQueryLoggingConfigs": _LOGGING,
    "ListResourceRecordSetProtections": _PROTECTION,
    "ListReusableDelegationSets": _DELEGATION,
    "ListTrafficPolicies": _POLICIES,
    "ListTrafficPolicyInstances": _POLICIES,
    "ListTrafficPolicyInstancesByHostedZone": _POLICIES,
    "ListTrafficPolicyInstancesByPolicy": _POLICIES,
    "ListTrafficPolicyVersions": _POLICIES,
    "ListVPCAssociationAuthorizations": _PRIVATE,
    "UpdateHealthCheck": _HEALTH,
    "UpdateHostedZoneFeatures": "zones have no accelerated recovery to switch on",
    "UpdateTrafficPolicyComment": _POLICIES,
    "UpdateTrafficPolicyInstance": _POLICIES,
}
