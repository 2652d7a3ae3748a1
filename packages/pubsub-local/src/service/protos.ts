import { dirname, join } from 'node:path';
import { type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';

const PROTO_FILES = [
  'google/pubsub/v1/pubsub.proto',
  'google/pubsub/v1/schema.proto',
  'google/iam/v1/iam_policy.proto',
  'google/monitoring/v3/metric_service.proto',
  'google/rpc/status.proto',
  'google/rpc/error_details.proto',
];

/** Writes the messages of error details. */
export interface MessageCodecs {
  status(value: object): Buffer;
  errorInfo(value: object): Buffer;
}

/** The gRPC services the broker serves or refuses by name. */
export interface ServiceDefinitions {
  publisher: ServiceDefinition;
  subscriber: ServiceDefinition;
  schemaService: ServiceDefinition;
  iamPolicy: ServiceDefinition;
  metricService: ServiceDefinition;
  codecs: MessageCodecs;
}

/**
 * Loads the definitions from the `.proto` files that the official clients
 * ship, so that both sides of the wire always speak the same version.
 */
export function loadServices(): ServiceDefinitions {
  const pubsub = require.resolve('@google-cloud/pubsub');
  const clients = [
    pubsub,
    require.resolve('@google-cloud/monitoring'),
    // The clients' own dependency carries the common google.api types.
    require.resolve('google-gax', { paths: [dirname(pubsub)] }),
  ];
  const loaded = loadSync(PROTO_FILES, {
    includeDirs: clients.map(main => join(dirname(main), '..', 'protos')),
    longs: Number,
    arrays: true,
    objects: true,
  });
  const service = (name: string): ServiceDefinition => {
    const definition = loaded[name];
    if (!definition || 'format' in definition) {
      throw new Error(`The client packages define no service ${name}`);
    }
    return definition;
  };
  const encoder = (name: string) => {
    const definition = loaded[name];
    const serialize =
      definition && 'serialize' in definition && definition.serialize;
    if (typeof serialize !== 'function') {
      throw new Error(`The client packages define no message ${name}`);
    }
    return (value: object): Buffer => serialize(value);
  };
  return {
    codecs: {
      status: encoder('google.rpc.Status'),
      errorInfo: encoder('google.rpc.ErrorInfo'),
    },
    publisher: service('google.pubsub.v1.Publisher'),
    subscriber: service('google.pubsub.v1.Subscriber'),
    schemaService: service('google.pubsub.v1.SchemaService'),
    iamPolicy: service('google.iam.v1.IAMPolicy'),
    metricService: service('google.monitoring.v3.MetricService'),
  };
}
