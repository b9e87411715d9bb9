"""The tables of strings: the only place that names adapters and the functions behind job names."""

from __future__ import annotations

# kind -> the adapter's class. Parts below ask by kind through carriers.opening and pbx.opening.
CARRIERS = {
    "didww": "ringup.carriers.didww.adapter.Didww",
    "voipms": "ringup.carriers.voipms.adapter.VoipMs",
}
PBXES = {
    "fusionpbx": "ringup.pbx.fusionpbx.adapter.FusionPbx",
}

# job name -> function(ticket, **arguments). What happens below is told above by these names.
JOBS = {
    "accounts.forget": "ringup.flows.personal_data.forgetting.forget",
    "accounts.password_link": "ringup.accounts.password_links.send",
    "jobs.probe": "ringup.jobs.probing.probe",
    "mail.send": "ringup.mail.sending.send",
    "mail.erase": "ringup.mail.erasing.erase",
    "numbers.end_reservation": "ringup.numbers.reserving.end",
    "orders.number_missing": "ringup.flows.mails.receiving.number_missing",
    "orders.expire_drafts": "ringup.flows.checkout.expiring_drafts.expire",
    "orders.received": "ringup.flows.mails.receiving.received",
    "orders.ask_number": "ringup.flows.mails.receiving.ask_number",
    "orders.ended": "ringup.flows.mails.receiving.ended",
    "orders.number_gone": "ringup.flows.mails.receiving.number_gone",
    "orders.written": "ringup.flows.mails.telling.written",
    "orders.changed": "ringup.flows.mails.telling.changed",
    "orders.proposed": "ringup.flows.mails.telling.proposed",
    "orders.proposal_answered": "ringup.flows.mails.telling.proposal_answered",
    "mail.failed": "ringup.flows.mails.telling.mail_failed",
    "numbers.differs": "ringup.flows.mails.telling.differs",
    "orders.run_stopped": "ringup.flows.mails.receiving.run_stopped",
    "papers.moved": "ringup.flows.papers.telling.moved",
    "papers.needed": "ringup.flows.papers.telling.needed",
    "papers.asked": "ringup.flows.papers.telling.asked",
    "papers.answered": "ringup.flows.papers.telling.answered",
    "papers.slow": "ringup.flows.papers.telling.slow",
    "papers.submit": "ringup.flows.papers.sending.submit",
    "papers.upload": "ringup.flows.papers.sending.upload",
    "papers.again": "ringup.flows.papers.sending.again",
    "papers.withdraw": "ringup.flows.papers.sending.withdraw",
    "papers.hinted": "ringup.flows.papers.hinted.heard",
    "papers.sweep": "ringup.flows.papers.sweeping.sweep",
    "papers.erase": "ringup.regulatory.erasing.erase",
    "provisioning.plan": "ringup.provisioning.planning.make_plan",
    "provisioning.advance": "ringup.provisioning.running.advance",
    "provisioning.take_back": "ringup.provisioning.undoing.take_back",
    "provisioning.sweep": "ringup.provisioning.sweeping.sweep",
    "shop.tidy": "ringup.flows.tidying.tidy",
    "health.check": "ringup.flows.checkup.check",
    "carriers.balances": "ringup.flows.watching_balances.watch",
    "numbers.sync": "ringup.numbers.syncing.sync",
    "numbers.sync_account": "ringup.numbers.syncing.sync_account",
    "numbers.reconcile": "ringup.flows.reconciling.passing.reconcile",
    "numbers.reconcile_account": "ringup.flows.reconciling.passing.reconcile_account",
}

# Where each part declares the mails that it sends: see mail/events.py.
MAIL_EVENTS = (
    "ringup.accounts.mail_events.EVENTS",
    "ringup.provisioning.mail_events.EVENTS",
    "ringup.flows.mails.events.EVENTS",
    "ringup.flows.papers.mail_events.EVENTS",
)

# schedule name -> (job name, every so many seconds)
SCHEDULES = {
    "provisioning.sweep": ("provisioning.sweep", 60),
    "shop.tidy": ("shop.tidy", 300),
    "orders.expire_drafts": ("orders.expire_drafts", 3600),
    "health.check": ("health.check", 900),
    "mail.erase": ("mail.erase", 3600),
    "papers.erase": ("papers.erase", 3600),
    "carriers.balances": ("carriers.balances", 900),
    "numbers.sync": ("numbers.sync", 30),
    "papers.sweep": ("papers.sweep", 600),
    "numbers.reconcile": ("numbers.reconcile", 86_400),
}
