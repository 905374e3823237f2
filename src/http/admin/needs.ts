// Which role each route of the operator API needs, by its operationId. A route that is not here is open to nobody.
import type { Role } from '../../operators/roles.ts'

export const needs: Readonly<Record<string, Role>> = {
  listAccounts: 'viewer',
  getAccount: 'viewer',
  listKeys: 'viewer',
  listAccountLedger: 'viewer',
  listAllTasks: 'viewer',
  inspectTask: 'viewer',
  verifyLedger: 'viewer',
  listModels: 'viewer',
  getStats: 'viewer',
  listActs: 'viewer',
  getReport: 'viewer',
  listAlerts: 'viewer',
  find: 'viewer',
  testAlerts: 'owner',
  createAccount: 'owner',
  changeAccount: 'owner',
  createKey: 'owner',
  changeKey: 'owner',
  revokeKey: 'owner',
  grantCredits: 'owner',
  reloadModels: 'owner',
}
