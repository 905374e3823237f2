-- Gateways of the version before may go on.
ALTER TABLE `sessions` ADD `sealed_key` text;
