DROP TABLE project_estimate;
DROP TABLE milestone_acceptance;
