title = Warnings and reports
exit = Exit
bye = Thank you. Goodbye.
language = Language - Langue - Lugha
menu-warnings = Warnings now
menu-report = Report an incident
menu-follow-ups = What came of my report
menu-reports = Open reports
menu-warn = Warn an area
menu-over = End a warning
menu-language = Language

warnings = Warnings now:
no-warning = There is no warning now.
advice = Stay together. Take water, food, medicines and papers. Do what those say who warn you. Help those who cannot walk.
each-line = { $events }

kind = What happened?
flood = Flood
fire = Fire
slide = Landslide
storm = Storm
sickness = Sickness
other = Other
place = Where?
hurt = How many people are hurt? Type 0 for none.
kept = The report goes to the district. We keep it, and your name only if you are registered. Send it?
send = Send
cancel = Cancel
cancelled = Nothing is sent. Goodbye.
reported = Thank you. The district knows now. If you are in danger, go to a safe place first.
follow-ups = To your reports:
no-follow-up = There is nothing new yet.

reports = Which report?
no-report = No report is open.
outcome = What is being done?
outcome-help = Help is on the way
outcome-noted = It is noted
outcome-closed = It is over
followed-up = Kept. If the reporter is registered, a text leaves now.

warn-kind = Warn of what?
level = How urgent?
level-watch = Watch out
level-ready = Be ready to leave
level-leave = Leave now
warn-place = For which place?
warn-sure = Warn { $incident_place }: { $kind }. { $level }?
warned = The warning stands, and the health workers are being told.
over-which = Which warning is over?
is-over = That warning has ended.

warning-line = { $day } { $kind }, { $incident_place }: { $level }
warning-text = Warning: { $kind }, { $incident_place }. { $level }. Please tell the people there now.
incident-line = { $day } { $kind }, { $incident_place }: { $hurt }
incident-text = Report: { $kind }, { $incident_place }, { $hurt } hurt. { $who } { $caller }
follow-up-line = { $day }: { $outcome }
follow-up-text = To your report: { $outcome }.
event-warning = Warning
event-over = End of a warning
event-incident = Report
event-follow-up = Follow-up

form-kind = What happened
form-place = Place
form-hurt = People hurt
