# Not yet read by a native speaker.
# Only letters of the default alphabet: à è é ù ì ò; words that need others are avoided.

key-back = 00 Retour
key-more = 99 Suite

resume-question = Continuer où vous étiez ?
resume-yes = Oui
resume-no = Non
village-question = Tapez le code de votre village.
home-title = Services
home-exit = Quitter
home-bye = Merci. Au revoir.
home-language = Langue
busy = Le service est occupé. Veuillez réessayer dans quelques minutes.
failed = Une erreur est survenue et rien n'est gardé. Veuillez réessayer plus tard.
no-service = Aucun service pour ce numéro ici. Veuillez demander à un agent de santé.
session-ended = Cette conversation est finie. Veuillez rappeler le code.
phone-without-number = Ce téléphone n'a pas encore de numéro. Demandez-en un au responsable de ce réseau, puis rappelez.
session-too-long = Trop d'étapes. Veuillez rappeler le code.
line-too-narrow = Cette ligne ne peut pas afficher ce service. Veuillez utiliser le SMS.

refuse-choice = Veuillez taper un des chiffres affichés.
refuse-choices = Veuillez taper les chiffres choisis, comme 1 3.
refuse-empty = Veuillez taper une réponse.
refuse-name = Veuillez taper un nom, en lettres.
refuse-text = Veuillez taper des lettres, chiffres et espaces.
refuse-identifier = Veuillez taper { $min } à { $max } lettres ou chiffres.
refuse-phone = Veuillez taper un numéro complet.
refuse-number = Veuillez taper un nombre de { $min } à { $max }.
refuse-day = Veuillez taper le jour comme { $example }.
refuse-year-or-day = Veuillez taper l'année comme { $year } ou le jour comme { $example }.
refuse-month-or-day = Veuillez taper le mois comme { $month } ou le jour comme { $example }.
refuse-any-date = Veuillez taper l'année, le mois ou le jour comme { $year }, { $month } ou { $example }.
refuse-future = Ce jour est à venir. Veuillez en taper un autre.
refuse-old = C'est trop ancien. Veuillez taper { $earliest } ou plus tard.
refuse-recent = C'est trop récent. Veuillez taper { $latest } ou avant.
refuse-ahead = C'est trop loin. Veuillez taper { $latest } ou avant.
refuse-long = C'est trop long. Veuillez taper au plus { $limit } signes.
refuse-page = Il n'y a plus rien à voir. Veuillez taper un des chiffres affichés.
refuse-registration-number = Veuillez taper les { $short } ou { $long } chiffres du numéro.
refuse-check-digit = Un chiffre est faux. Veuillez vérifier le numéro et le taper à nouveau.
refuse-amount = Veuillez taper un montant de { $min } à { $max }.
refuse-pin = Veuillez taper { $min } à { $max } chiffres.

## Keyword forms: which answer is wrong, and what to type.
form-refused = { $field } : { $fix } Rien n'est enregistré.
form-choices = Veuillez taper un de ces choix : { $choices }.
form-name = Veuillez taper son nom, comme { $example }.
form-sample = Veuillez envoyer ainsi : { $sample }

status-held = gardé ici
status-carried = transmis au centre
status-accepted = accepté
status-effective = terminé
status-rejected = refusé
status-conflict = à vérifier
status-withdrawn = retirée

reject-not-allowed = Votre numéro n'a pas ce droit. Veuillez demander à votre responsable.
reject-no-consent = Rien n'est gardé, car la personne n'est pas d'accord.
reject-incomplete = Une réponse manque et rien n'est gardé. Veuillez la taper à nouveau.
reject-no-open-review = Aucune question n'attend votre réponse. Appelez le code du service pour le menu.
reject-not-joined = Ces deux personnes ne sont pas jointes.
reject-too-many = Trop de personnes correspondent. Ajoutez l'année de naissance ou le village.
reject-review-which = Plusieurs vérifications attendent. Veuillez ajouter le numéro, comme { $example }.
reject-review-unknown = Pas de vérification { $n } ouverte. Veuillez vérifier le numéro.
reject-not-registered = Ce numéro n'est pas enregistré. Demandez à un agent de santé ou au bureau.
reject-not-bound = Ce numéro n'est pas encore confirmé. Répondez 1 au message qui le demande, ou appelez le code du service.
reject-language = Cette langue n'est pas disponible. Veuillez en choisir une autre.
reject-numbers = Plus de numéro à donner ici. Veuillez le dire à votre responsable.
reject-phone-full = Ce numéro sert déjà à { $limit } personnes. Veuillez taper un autre numéro ou aucun.
reject-births = Les naissances de la mère et de l'enfant ne vont pas ensemble. Veuillez en changer une.
reject-village = Ce code est inconnu. Tapez celui de votre village.
reject-no-person = Personne ici n'a ce numéro. Veuillez le vérifier.
reject-no-mother = Ce n'est pas une mère, ou son année de naissance manque. Veuillez vérifier le numéro.
reject-which-person = Plusieurs personnes ont ce téléphone. Tapez les 4 derniers chiffres de votre numéro.
reject-no-entry = Cette saisie n'existe plus ou n'est pas de vous. Veuillez revoir votre liste.
reject-entry-left = Le registre ou une question tient cette saisie. Veuillez demander au bureau.
reject-entry-used = D'autres saisies sur ces personnes en dépendent. Veuillez les retirer d'abord.
entry-registered = Inscription { $who }
reject-no-task = Ce travail est fait ou n'existe plus. Veuillez revoir votre liste.
reject-no-worker = Aucun autre agent de santé ici n'a ce numéro. Veuillez le vérifier.

tasks-due = Aujourd'hui : { $due } à faire, { $late } en retard. Appelez le code du service pour votre liste.
tasks-late = { $late } activités de { $workers } agents de santé sont en retard. Appelez le code du service ou demandez-leur.
digest = { $accepted } { $accepted ->
        [one] accepté
       *[other] acceptés
    }, { $rejected } { $rejected ->
        [one] refusé
       *[other] refusés
    }, { $review } à vérifier par vous.
review-question = Vérification { $n } : RN ..{ $own } et ..{ $other }. Une seule famille ? Répondez 1 oui, 2 non.
sex-female = femme
sex-male = homme
match-question = Vérification { $n } : RN ..{ $own } (vous) et ..{ $other }. Une seule personne ? Répondez { $n } 1=oui 2=non 3=incertain
review-answered = Merci. Votre réponse à la vérification { $n } est gardée.
claim = Un service public tient ce numéro de vous. Répondez 1 pour recevoir ses messages, STOP pour ne rien recevoir.
bound = Merci. Les messages viennent à ce numéro. Envoyez STOP pour y mettre fin.
stopped = Vous ne recevez plus de messages. Envoyez START pour en recevoir à nouveau.
started = Vous recevez à nouveau nos messages. Envoyez STOP pour y mettre fin.
unknown-text = Message non compris. Envoyez MENU pour les services, 1 ou 2 pour répondre à une question, STOP pour ne plus rien recevoir.
alias-assigned = Votre numéro { $old } devient { $new }. Les deux restent valables.

## Months, in letters on screens.
month-1 = janv
month-2 = févr
month-3 = mars
month-4 = avril
month-5 = mai
month-6 = juin
month-7 = juil
month-8 = aout
month-9 = sept
month-10 = oct
month-11 = nov
month-12 = déc

## Months of the Ethiopian calendar.
ethiopian-month-1 = Meskerem
ethiopian-month-2 = Tikimt
ethiopian-month-3 = Hidar
ethiopian-month-4 = Tahsas
ethiopian-month-5 = Tir
ethiopian-month-6 = Yekatit
ethiopian-month-7 = Megabit
ethiopian-month-8 = Miyazya
ethiopian-month-9 = Ginbot
ethiopian-month-10 = Sene
ethiopian-month-11 = Hamle
ethiopian-month-12 = Nehase
ethiopian-month-13 = Pagume

result-accepted = Votre inscription est arrivée au registre public. Pour toute question, demandez à un agent de santé.

## Roles, codes PIN, consentement, effacement.
reject-maker-checker = Une seule personne ne peut pas proposer et approuver dans une zone. Choisissez une autre personne.
reject-no-role = Ce poste n'existe pas. Vérifiez la zone et le numéro.
reject-pin-wrong = Ce code PIN n'est pas juste. Tapez-le encore une fois.
reject-pin-wait = Trop de codes PIN faux. Essayez encore dans une heure.
reject-pin-locked = Ce code PIN est bloqué. Voyez un agent de santé, qui peut le remplacer.
reject-pin-weak = Ce code PIN est facile à deviner. Tapez-en un autre.
reject-pin-length = Tapez 6 chiffres.
reject-pin-set = Vous avez déjà un code PIN. Choisissez de le changer.
reject-pin-none = Aucun code PIN pour ce numéro. Choisissez-en un, ou voyez un agent de santé.
reject-pin-worker = Voyez un agent de santé pour choisir votre code PIN.
reject-pin-first = Tapez d'abord votre code PIN.
reject-pin-who = Tapez d'abord les 4 derniers chiffres de votre numéro d'enregistrement.
reject-pin-sms = Le code PIN n'est pas demandé par SMS. Appelez le code du service.
reject-second-person = Un autre agent de santé doit le faire.
reject-unknown-number = Personne ici n'a ce numéro. Vérifiez-le.
pin-was-reset = Un code PIN a été remplacé pour ce numéro. Pas vous ? Voyez vite un agent de santé.
consent-withdrawn = Vous avez retiré votre accord. C'est valable tout de suite.
reject-second-officer = Une deuxième personne doit approuver, et l'une des deux doit avoir le poste d'officier.
## Proof of registration.
reject-slip-none = Aucune inscription valable ne porte ce numéro. Vérifiez le numéro.
reject-slip-key = Ce poste ne peut pas encore donner de code. Il doit d'abord joindre le centre.
slip-code = Code { $code }. La personne le montre avec numéro et année de naissance. Pour vérifier: CHECK code numéro année.
slip-code-own = Un service public vous a donné le code { $code }. Montrez-le avec votre numéro et année de naissance.
slip-valid = Valable. Un poste de cette zone a donné ce code en { $month } pour ce numéro et cette année.
slip-not-valid = Non valable ici pour ce numéro et cette année. Pour un code d'une autre zone, demandez au bureau.
slip-revoked = Révoqué. L'inscription n'est plus valable.
slip-unreadable = Le code, le numéro ou l'année contient une faute. Envoyez: CHECK code numéro année.
slip-title = Preuve d'inscription
slip-how = Gardez ce billet. Là où il est lu, on demande votre numéro et année de naissance.
reject-reference = La liste n'a pas été publiée: { $finding }

## Envois approuvés par une deuxième personne.
broadcast-question = Envoi { $n }: { $people } personnes, { $parts } parties, prix { $price }. Le texte suit. Répondez OUI { $n } ou NON { $n }.
broadcast-approved = Merci. L'envoi { $n } commence.
broadcast-refused = Merci. L'envoi { $n } n'est pas fait.
reject-no-proposal = Aucun envoi n'attend sous ce numéro. Il a eu sa réponse ou il est trop tard.
reject-own-proposal = Vous avez proposé cet envoi. Une autre personne doit décider.

## Alertes.
alert-raised = ALERTE: { $alert }
alert-more = ALERTE, suite: { $alert }
alert-clear = FIN D'ALERTE: { $alert }
alert-after-stop = Envoyé aussi après STOP, car des vies sont en danger.
alert-begun = Merci. Vos mots partent maintenant aux habitants de votre zone.
reject-alert = Une alerte a de 1 à 300 caractères. Raccourcissez-la.
reject-no-alert = Aucune alerte en cours dans cette zone. Envoyez ALERTE et les mots.

## Qui tient le téléphone, avant ce qui est personnel.
prove-pin = Votre code PIN ?
prove-pin-of = Votre code PIN ? Si vous n'en avez pas, voyez un agent de santé.
prove-new = Choisissez un code PIN de 6 chiffres que personne ne devine. Il ouvre ce qui est personnel.
prove-digits = Plusieurs personnes utilisent ce téléphone. 4 derniers chiffres de votre numéro d'enregistrement ?

## Qui a lu quoi.
reader-own = vous
reader-health-worker = agent de santé
reader-vendor = vendeur
reader-clerk = employé
reader-officer = responsable
reader-administrator = administrateur
reader-auditor = auditeur
reader-system = autre système
read-own = votre dossier
read-case = dossier
read-list = liste
read-task = travail
read-search = recherche
read-console = bureau
read-registry = registre
read-export = export
read-report = rapport
read-review = comparaison
read-many = Quelqu'un a lu plus de { $limit } dossiers en une heure. Veuillez voir le journal des lectures.
read-exported = Des données personnelles ont été exportées. Veuillez voir le journal des lectures.

household-head = chef de ménage
household-spouse = époux ou épouse
household-child = enfant
household-other = autre membre
reject-no-household = Cette personne n'est dans aucun ménage ici.
reject-same-household = Les deux vivent déjà dans un seul ménage.
reject-given = C'est déjà donné pour cette période. Rien n'a été enregistré.
reject-ask-hub = Le bureau du district décide pour ce ménage. Rien n'a été enregistré.
reject-ask-node = Le poste qui a inscrit ce ménage décide. Rien n'a été enregistré.
reject-unit = Plus de { $limit } vont ensemble ici. Veuillez demander au bureau du district.

## Pages of the district office.
reject-sign-in = Numéro, fonction ou phrase de passe incorrect. Après trois essais attendez une heure, après six voyez l'administrateur.
reject-reason = Ecrivez pourquoi, en { $limit } caractères au plus et sans noms.

confirm = Un bureau public a ce numéro. Vous en servez-vous encore ? Répondez 1 pour oui, 2 pour non.
claim-shared = Un bureau public tient ce numéro pour une personne de plus. Répondez 1 s'il est partagé, 3 s'il est à vous seul, 2 si c'est une erreur.
denied = Merci. Plus rien de personnel n'arrive à ce numéro.
change-asked = Vos données sont en cours de changement. Ce n'est pas vous ? Répondez NON { $code }
change-asked-stopped = La loi nous oblige à vous le dire, aussi après STOP : vos données changent. Pas vous ? Répondez NON { $code }
change-stopped = Le changement de vos données est refusé. Tout reste comme avant.
reject-change-none = Aucun changement n'attend ici.
reject-change-open = Un changement attend déjà. Veuillez d'abord le refuser.
reject-change-same = Veuillez taper un autre numéro que celui-ci.
reject-change-pin = Elle n'a pas encore de code ici. Veuillez d'abord le remettre, et la laisser choisir.
reject-change-held = Ce numéro est confirmé. Veuillez le changer sous Mes données, avec son code.

staff-pin = Votre code PIN de service ?
staff-code = Le code unique de votre bureau (8 chiffres) ?
staff-new = Choisissez un code PIN de service de 6 chiffres que personne ne devine. Il ouvre votre travail.
staff-code-none = Aucun code PIN de service ici. Demandez un code unique à votre bureau.
staff-code-wrong = Ce code n'est pas juste. Tapez encore ses 8 chiffres.
staff-pin-locked = Ce code PIN est bloqué. Demandez un nouveau code unique à votre bureau.
reject-staff-pin = Cela s'ouvre avec votre code PIN de service. Appelez le code du service.
erased = Les données à effacer sont effacées. Aucune réponse n'est nécessaire.
