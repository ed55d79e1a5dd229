import { createApiToken } from '../../src/auth/apiToken.ts';
import { PlenumApi } from '../../src/auth/PlenumApi.ts';
import type { ApiGrants } from '../../src/protocol/apiGrants.ts';
import type { Stage } from './stage.ts';
import { testSecret } from './testServer.ts';

/** All that there is to give. */
export const allApiGrants: ApiGrants = { rooms: 'write', participants: 'write', data: 'write', stats: 'read' };

export function apiToken(grants: ApiGrants = allApiGrants, subject = 'crm'): Promise<string> {
  return createApiToken(testSecret, { subject, grants, ttlSeconds: 600 });
}

/** The client of the API, as an application has it. */
export function apiOf(stage: Stage, grants?: ApiGrants): PlenumApi {
  return new PlenumApi({ url: stage.server.url, token: () => apiToken(grants), retries: 0 });
}

export interface ApiRequest {
  method?: string;
  token?: string | undefined;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface ApiResponse {
  status: number;
  headers: Headers;
  /** Parsed, where it is JSON of some kind. */
  body: unknown;
}

/** A request as it goes over the network, below `/api/v1`; a string as body goes as it is. */
export async function askApi(url: string, path: string, request: ApiRequest = {}): Promise<ApiResponse> {
  const { method = 'GET', token, body, headers = {} } = request;
  const answer = await fetch(`${url}/api/v1${path}`, {
    method,
    headers: {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  const isJson = /json/.test(answer.headers.get('content-type') ?? '');
  return { status: answer.status, headers: answer.headers, body: isJson && text !== '' ? JSON.parse(text) : text };
}
