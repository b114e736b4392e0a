// One connection between two browsers, the same on both pages. All addresses are
// gathered before anything is sent, so that two signals set a call up. A data
// channel of no content tells at once when the far side is gone.

const gatherMost = 2500; // ms; on a shop's network it takes a tenth

// peer makes a connection. ended is called once, when it is no more.
export function peer({ ice, relay, remote, ended, connected }) {
  const pc = new RTCPeerConnection({ iceServers: ice ?? [], iceTransportPolicy: relay ? 'relay' : 'all', bundlePolicy: 'max-bundle' });
  const stream = new MediaStream();
  let over = false, was = false;
  const end = (why) => {
    if (over) return;
    over = true;
    pc.close();
    ended(why);
  };
  const alive = pc.createDataChannel('alive', { negotiated: true, id: 1 });
  alive.onopen = () => { if (!was) { was = true; connected?.(); } };
  alive.onclose = () => end('lost');
  pc.ontrack = (e) => {
    stream.addTrack(e.track);
    remote.srcObject = stream;
    remote.play?.().catch(() => {}); // it plays after the next touch
  };
  pc.onconnectionstatechange = () => { if (pc.connectionState === 'failed') end('lost'); };
  setTimeout(() => { if (!was) end('lost'); }, 20000);
  return {
    pc,
    close() { over = true; pc.close(); },
    async offer(local, video) {
      for (const track of local.getTracks()) pc.addTrack(track, local);
      if (video && !local.getVideoTracks().length) pc.addTransceiver('video', { direction: 'recvonly' });
      await pc.setLocalDescription(await pc.createOffer());
      return gathered(pc);
    },
    async answer(local, sdp) {
      await pc.setRemoteDescription({ type: 'offer', sdp });
      for (const track of local.getTracks()) pc.addTrack(track, local);
      await pc.setLocalDescription(await pc.createAnswer());
      return gathered(pc);
    },
    accept(sdp) { return pc.setRemoteDescription({ type: 'answer', sdp }); },
  };
}

function gathered(pc) {
  return new Promise((done) => {
    const give = () => done(pc.localDescription.sdp);
    if (pc.iceGatheringState === 'complete') return give();
    pc.addEventListener('icegatheringstatechange', () => { if (pc.iceGatheringState === 'complete') give(); });
    setTimeout(give, gatherMost);
  });
}

// media asks for microphone and, when wanted, camera. Without a camera it is the
// microphone alone; without that it is an error.
export async function media(video) {
  const sound = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
  if (video) {
    try {
      return await navigator.mediaDevices.getUserMedia({ audio: sound, video: { width: { ideal: 640 }, height: { ideal: 480 }, frameRate: { max: 24 } } });
    } catch (e) {
      if (e.name === 'NotAllowedError' || e.name === 'SecurityError') throw e;
    }
  }
  return navigator.mediaDevices.getUserMedia({ audio: sound });
}

// release switches camera and microphone off.
export function release(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}
