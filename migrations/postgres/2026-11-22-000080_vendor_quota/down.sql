DROP TABLE vendor_quota_share;
DROP TABLE vendor_quota;
