import { Camera, type LucideIcon, Mic, Volume2 } from 'lucide-react';
import { useId } from 'react';
import type { DeviceKind } from '../hooks/useDevices.ts';

interface DeviceInfo {
  readonly deviceId: string;
  readonly label: string;
}

interface Props {
  readonly kind: DeviceKind;
  readonly devices: readonly DeviceInfo[];
  /** The device in use, where it is known; else the chosen one. */
  readonly value: string | undefined;
  onChoose(deviceId: string): void;
}

const words: Record<DeviceKind, { label: string; none: string; icon: LucideIcon }> = {
  camera: { label: 'Camera', none: 'No camera found', icon: Camera },
  microphone: { label: 'Microphone', none: 'No microphone found', icon: Mic },
  speaker: { label: 'Speaker', none: 'No speaker found', icon: Volume2 },
};

export function DeviceSelect({ kind, devices, value, onChoose }: Props) {
  const id = useId();
  const { label, none, icon: Icon } = words[kind];
  const known = devices.some((device) => device.deviceId === value);
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="select">
        <Icon className="select-icon" aria-hidden="true" />
        <select
          id={id}
          value={known ? value : (devices[0]?.deviceId ?? '')}
          disabled={devices.length === 0}
          onChange={(event) => onChoose(event.target.value)}
        >
          {devices.length === 0 && <option value="">{none}</option>}
          {devices.map((device, index) => (
            <option key={device.deviceId} value={device.deviceId}>
              {device.label === '' ? `${label} ${index + 1}` : device.label}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}
