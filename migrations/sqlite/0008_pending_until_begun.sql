-- What shows as queued is marked so from now on, and not only what runs: those that wait keep showing as queued.
UPDATE `tasks` SET `upstream_pending` = 1 WHERE `state` IN ('queued', 'submitting');
